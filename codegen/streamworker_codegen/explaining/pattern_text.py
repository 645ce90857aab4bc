"""A short text for a regular expression of the common kind: literals, classes, groups and quantifiers."""

from __future__ import annotations

import re
from typing import Final

_CLASSES: Final = {"d": "0", "w": "a", "s": " ", "D": "a", "W": "-", "S": "a"}
_ATOM: Final = re.compile(r"\\(?P<escaped>.)|\[(?P<set>(?:\\.|[^\]\\])+)\]|(?P<any>\.)|(?P<plain>[^\\\[\](){}|.*+?^$])")
_QUANTIFIER: Final = re.compile(r"\{(?P<least>\d+)(?:,\d*)?\}\??|(?P<one>\+\??)|(?P<none>[*?]\??)")


def text_like(pattern: str) -> str | None:
    """The first alternative, each part as seldom as it may stand. None where a kind of part is not known here."""
    text, end = _sequence(pattern, 0)
    return text if text is not None and end == len(pattern) and re.search(pattern, text) else None


def _sequence(pattern: str, at: int) -> tuple[str | None, int]:
    made = ""
    while at < len(pattern) and pattern[at] not in ")|":
        part, at = _part(pattern, at)
        if part is None:
            return None, at
        quantifier = _QUANTIFIER.match(pattern, at)
        if quantifier:
            at = quantifier.end()
        made += part * _least(quantifier)
    return made, _after_alternatives(pattern, at)


def _part(pattern: str, at: int) -> tuple[str | None, int]:
    if pattern[at] in "^$":
        return "", at + 1
    if pattern[at] == "(":
        inner, end = _sequence(pattern, at + (3 if pattern.startswith("(?:", at) else 1))
        return (inner, end + 1) if pattern[end : end + 1] == ")" else (None, end)
    atom = _ATOM.match(pattern, at)
    return (_one_of(atom), atom.end()) if atom else (None, at)


def _one_of(atom: re.Match[str]) -> str | None:
    if atom["escaped"]:
        return _CLASSES.get(atom["escaped"], None if atom["escaped"].isalnum() else atom["escaped"])
    if atom["set"]:
        listed = atom["set"]
        candidates = "aA0-_. " if listed.startswith("^") else "aA0f" + listed.replace("\\", "")
        return next((each for each in candidates if re.fullmatch(atom[0], each)), None)
    return "a" if atom["any"] else atom["plain"]


def _least(quantifier: re.Match[str] | None) -> int:
    if quantifier is None or quantifier["one"]:
        return 1
    return int(quantifier["least"]) if quantifier["least"] else 0


def _after_alternatives(pattern: str, at: int) -> int:
    """Past the alternatives that are not taken, to the end of the group."""
    depth = 0
    while at < len(pattern) and not (pattern[at] == ")" and depth == 0):
        depth += {"(": 1, ")": -1}.get(pattern[at], 0)
        at += 2 if pattern[at] == "\\" else 1
    return at
