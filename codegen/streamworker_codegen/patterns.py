"""Subjects: as declared, with `{tokens}`, and as NATS filters, with `*` and `>`.

https://docs.nats.io/nats-concepts/subjects: tokens between dots, `*` stands for one, `>` at the end for one or more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, TypeVar

from streamworker_codegen.errors import MalformedSubject

_DOT = re.compile(r"\.(?![^{}]*\})")
_TOKEN = re.compile(r"\{([^{}]*)\}")
_FIELD = re.compile(r"[^\s.{}]+(\.[^\s.{}]+)*")
_LITERAL = re.compile(r"[^\s*>{}\x00-\x1f\x7f]+")


@dataclass(frozen=True)
class DeclaredSubject:
    """parts: between the dots, literals and `{tokens}`. tokens: the dotted fields, in order."""

    name: str
    parts: tuple[str, ...]

    @property
    def tokens(self) -> tuple[str, ...]:
        return tuple(part[1:-1] for part in self.parts if part.startswith("{"))

    @property
    def literals(self) -> tuple[str, ...]:
        return tuple(part for part in self.parts if not part.startswith("{"))

    @cached_property
    def filter(self) -> str:
        return ".".join("*" if part.startswith("{") else part for part in self.parts)


def parse_subject(name: str) -> DeclaredSubject:
    """Raises MalformedSubject, which says what is wrong and what to do."""
    parts = tuple(_DOT.split(name))
    for part in parts:
        _check_part(part)
    declared = DeclaredSubject(name, parts)
    if name.startswith("$"):
        raise MalformedSubject("subjects that begin with $ belong to the server", "choose another first word")
    if doubled := [token for token in declared.tokens if declared.tokens.count(token) > 1]:
        raise MalformedSubject(f"the token {{{doubled[0]}}} stands twice", "name each field once")
    return declared


def _check_part(part: str) -> None:
    token = _TOKEN.fullmatch(part)
    if token:
        if not _FIELD.fullmatch(token[1]):
            raise MalformedSubject(
                f"{part} names no field", "write a field of the event, dotted where nested: {source.tuner}"
            )
    elif not part:
        raise MalformedSubject(
            "there is nothing between two dots, or before the first or after the last", "remove the dot"
        )
    elif re.search(r"\s", part):
        raise MalformedSubject("a subject can't hold a space", "write a dash or a dot")
    elif "*" in part or ">" in part:
        raise MalformedSubject("a declared subject has no wildcards", "name the field that stands there: {id}")
    elif "{" in part or "}" in part:
        raise MalformedSubject("a token stands alone between two dots", "put a dot before { and after }")
    elif not _LITERAL.fullmatch(part):
        raise MalformedSubject("a subject can't hold control characters", "remove them")


def malformed_filter(text: str) -> str:
    """What is wrong with a NATS filter; "" where nothing is."""
    parts = text.split(".")
    if re.search(r"[\s\x00-\x1f\x7f]", text):
        return "it can't hold a space"
    if not all(parts):
        return "there is nothing between two dots, or before the first or after the last"
    if any(part not in ("*", ">") and ("*" in part or ">" in part) for part in parts):
        return "a wildcard stands alone between two dots"
    return "> stands at the end" if ">" in parts[:-1] else ""


def overlap(one: str, other: str) -> bool:
    """Whether some subject matches both filters."""
    left, right = one.split("."), other.split(".")
    for a, b in zip(left, right, strict=False):
        if ">" in (a, b):
            return True
        if a != b and "*" not in (a, b):
            return False
    return len(left) == len(right)


def covers(general: str, special: str) -> bool:
    """Whether every subject that matches `special` matches `general`."""
    wide, narrow = general.split("."), special.split(".")
    for a, b in zip(wide, narrow, strict=False):
        if a == ">":
            return True
        if b == ">" or (a != "*" and a != b):
            return False
    return len(wide) == len(narrow)


V = TypeVar("V")


@dataclass
class _Branch(Generic[V]):
    values: list[V] = field(default_factory=list)
    below: dict[str, _Branch[V]] = field(default_factory=dict)

    def all(self) -> Iterator[V]:
        yield from self.values
        for branch in self.below.values():
            yield from branch.all()


class FilterIndex(Generic[V]):
    """Filters without `>`, each with a value, by their words: so that thousands are compared in no time."""

    def __init__(self) -> None:
        self._root: _Branch[V] = _Branch()

    def add(self, filter: str, value: V) -> None:
        branch = self._root
        for part in filter.split("."):
            branch = branch.below.setdefault(part, _Branch())
        branch.values.append(value)

    def overlapping(self, filter: str) -> list[V]:
        """The values of the filters that have some subject in common with this one."""
        branches = [self._root]
        for part in filter.split("."):
            if part == ">":
                return [value for branch in branches for below in branch.below.values() for value in below.all()]
            branches = [below for branch in branches for below in _step(branch, part)]
        return [value for branch in branches for value in branch.values]


def _step(branch: _Branch[V], part: str) -> Iterable[_Branch[V]]:
    if part == "*":
        return branch.below.values()
    return [branch.below[word] for word in (part, "*") if word in branch.below]
