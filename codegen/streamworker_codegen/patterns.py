"""Subjects: as declared, with `{tokens}`, and as NATS filters, with `*` and `>`.

https://docs.nats.io/nats-concepts/subjects: tokens between dots, `*` stands for one, `>` at the end for one or more.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

from streamworker_codegen.errors import MalformedSubject

_DOT = re.compile(r"\.(?![^{}]*\})")
_TOKEN = re.compile(r"\{([^{}]*)\}")
_FIELD = re.compile(r"[^\s.{}]+(\.[^\s.{}]+)*")
_FEW = 8
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

    @property
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


_Group: TypeAlias = "list[tuple[int, list[str]]]"


def overlaps(filters: Iterable[str]) -> Iterator[tuple[int, int]]:
    """The pairs, by their indexes, of filters without `>` that overlap."""
    by_length: dict[int, _Group] = defaultdict(list)
    for index, each in enumerate(filters):
        parts = each.split(".")
        by_length[len(parts)].append((index, parts))
    for group in by_length.values():
        yield from _overlaps(group, 0)


def _overlaps(group: _Group, depth: int) -> Iterator[tuple[int, int]]:
    """Sorts by the word at `depth`, those with a wildcard there beside each word, until few are left to compare."""
    if len(group) < _FEW or depth == len(group[0][1]):
        yield from _compared(group)
        return
    wild = [each for each in group if each[1][depth] == "*"]
    by_word: dict[str, _Group] = defaultdict(list)
    for each in group:
        if each[1][depth] != "*":
            by_word[each[1][depth]].append(each)
    yield from _overlaps(wild, depth + 1) if wild else ()
    known = {index for index, _ in wild}
    for tame in by_word.values():
        yield from (pair for pair in _overlaps([*tame, *wild], depth + 1) if not known.issuperset(pair))


def _compared(group: _Group) -> Iterator[tuple[int, int]]:
    for (i, one), (j, other) in combinations(sorted(group), 2):
        if all(a == b or "*" in (a, b) for a, b in zip(one, other, strict=True)):
            yield i, j
