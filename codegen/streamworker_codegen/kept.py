"""What earlier runs made of the same, so that a change costs what it changes. It is no part of the project: losing it costs time alone.

What is kept is known by all that it was made of, but for the tools that made it: what other versions of these have left counts for nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Final, TypeVar, cast

from streamworker_codegen.manifest import tool

_TOOLS: Final = ("jsonschema-rs", "ruamel.yaml")
"""Beside the compiler and its generator."""
T = TypeVar("T")


@dataclass
class Section:
    """Values of one kind. before: by their keys, as an earlier run left them. now: what this one asked for, which is all that stays."""

    before: Mapping[str, object] = field(default_factory=dict)
    now: dict[str, object] = field(default_factory=dict)

    def recall(self, key: str, make: Callable[[], T]) -> T:
        """What an earlier run made, or else what `make` does, a value as JSON has them; where that raises, nothing is kept.
        key: of all that it is made of."""
        found = cast(T, self.before[key]) if key in self.before else make()
        self.now[key] = found
        return found

    @property
    def changed(self) -> bool:
        same = len(self.now) == len(self.before)
        return not same or any(self.before.get(key) is not each for key, each in self.now.items())


@dataclass
class Kept:
    """sections: by the kind of their values."""

    sections: dict[str, Section] = field(default_factory=dict)

    def section(self, kind: str) -> Section:
        return self.sections.setdefault(kind, Section())

    @property
    def changed(self) -> bool:
        return any(each.changed for each in self.sections.values())


def read_kept(path: Path) -> Kept:
    """Nothing, where nothing is there that these tools have left, whole."""
    try:
        mark, _, body = path.read_bytes().partition(b"\n")
    except OSError:
        return Kept()
    if mark.decode("ascii", "replace") != _mark(body):
        return Kept()
    return Kept({kind: Section(values) for kind, values in json.loads(body).items()})


def write_kept(path: Path, kept: Kept) -> None:
    """Whole or not at all; and not where it can't be, since nothing but speed hangs on it."""
    if not kept.changed:
        return
    body = json.dumps({kind: each.now for kind, each in kept.sections.items()}).encode()
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / ".gitignore").write_text("*\n", "utf-8")
        beside.write_bytes(_mark(body).encode() + b"\n" + body)
        beside.replace(path)


def _mark(body: bytes) -> str:
    """Of what these tools have left."""
    return sha256(" ".join([tool(), *map(version, _TOOLS)]).encode() + body).hexdigest()
