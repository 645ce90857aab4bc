"""The way to a schema within its document, keyword by keyword: what it is written within, and what it is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from streamworker_codegen.dialects import DRAFT2019, DRAFT2020

DEFINITIONS: Final = ("$defs", "definitions")
VARIANTS: Final = ("oneOf", "anyOf")

_MAPS: Final = DRAFT2020.maps
_LISTS: Final = DRAFT2019.lists | DRAFT2020.lists
_SINGLE: Final = DRAFT2020.single
_KNOWN: Final = _MAPS | _LISTS | _SINGLE
_ORDINALS: Final = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth")


@dataclass(frozen=True)
class Step:
    """keyword: "" where there is none, but a place that only references know. key: below it, a name or an index; "" for none. end: how
    many tokens of the pointer lead there."""

    keyword: str
    key: str
    end: int


def walk(tokens: Sequence[str]) -> Iterator[Step]:
    at = 0
    while at < len(tokens):
        keyword, length = tokens[at], 1 + _has_key(tokens, at)
        key = tokens[at + length - 1] if length > 1 or keyword not in _KNOWN else ""
        at += length
        yield Step(keyword if keyword in _KNOWN else "", key, at)


def _has_key(tokens: Sequence[str], at: int) -> bool:
    keyword, following = tokens[at], tokens[at + 1 : at + 2]
    if not following or keyword in _MAPS:
        return bool(following)
    if keyword in _LISTS:
        return following[0].isdecimal()
    return keyword not in _SINGLE and following[0] not in _KNOWN


@lru_cache(maxsize=1 << 16)
def owner_ends(tokens: tuple[str, ...]) -> int:
    """How many tokens lead to the definition that a schema is written within; 0 where that is the whole document."""
    return max((each.end for each in walk(tokens) if each.keyword in DEFINITIONS or not each.keyword), default=0)


def ordinal(index: str) -> str:
    """`0` -> `First`, `10` -> `TenthAnd1`."""
    beyond = int(index) - len(_ORDINALS) + 1
    return f"{_ORDINALS[-1]}And{beyond}" if beyond > 0 else _ORDINALS[int(index)]
