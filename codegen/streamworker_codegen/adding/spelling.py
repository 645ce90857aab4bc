"""An entry of the pipeline file as YAML: in lines of its own, or within braces."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Entry: TypeAlias = str | Mapping[str, str | Sequence[str]]

_PLAIN = re.compile(r"[A-Za-z_][\w.{}*>/#$-]*")
_PLAIN_IN_BRACES = re.compile(r"[A-Za-z_][\w./#$-]*|\d+[a-zA-Z]+")
_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}  # what some version of YAML reads as no text


def scalar(text: str, *, flow: bool) -> str:
    """A text, in quotes only where it needs them."""
    plain = _PLAIN_IN_BRACES if flow else _PLAIN
    if plain.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return json.dumps(text, ensure_ascii=False)


def as_block(key: str, entry: Entry, *, indent: int, unit: int, flow: bool) -> list[str]:
    """Lines, `indent` deep, what is below them by `unit` more. flow: what is below in braces, on the same line."""
    start = f"{' ' * indent}{scalar(key, flow=False)}:"
    if isinstance(entry, str):
        return [f"{start} {scalar(entry, flow=False)}"]
    if flow:
        return [f"{start} {_braces(entry)}"]
    below = " " * (indent + unit)
    return [start, *(f"{below}{name}: {_value(value, flow=False)}" for name, value in entry.items())]


def as_flow(key: str, entry: Entry) -> str:
    """As it stands within braces."""
    return f"{scalar(key, flow=True)}: {scalar(entry, flow=True) if isinstance(entry, str) else _braces(entry)}"


def _braces(entry: Mapping[str, str | Sequence[str]]) -> str:
    return "{" + ", ".join(f"{name}: {_value(value, flow=True)}" for name, value in entry.items()) + "}"


def _value(value: str | Sequence[str], *, flow: bool) -> str:
    if isinstance(value, str):
        return scalar(value, flow=flow)
    return "[" + ", ".join(scalar(each, flow=True) for each in value) + "]"
