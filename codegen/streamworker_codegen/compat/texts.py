"""Texts that a schema asks for: by pattern, by format, by length."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import import_module
from random import Random
from typing import Any, Final, TypeAlias

_Parsed: TypeAlias = Sequence[tuple[Any, Any]]  # operators and arguments, as the standard library's reader has them

_FORMATS: Final = {
    "date-time": ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.678+09:00", "1985-04-12T23:20:50.52Z"),
    "date": ("2026-01-02", "2024-02-29"),
    "time": ("03:04:05Z", "23:59:59.5+09:00"),
    "duration": ("P3D", "PT5M", "P1Y2M"),
    "email": ("a@b.invalid", "first.last@b.invalid"),
    "idn-email": ("a@b.invalid", "名前@b.invalid"),
    "hostname": ("a.invalid", "b-1.invalid"),
    "idn-hostname": ("a.invalid", "名前.invalid"),
    "ipv4": ("192.0.2.1", "255.255.255.255"),
    "ipv6": ("2001:db8::1", "::"),
    "uri": ("http://a.invalid/b?c=d", "urn:isbn:0451450523"),
    "uri-reference": ("http://a.invalid/b", "../b", ""),
    "iri": ("http://a.invalid/名", "http://a.invalid/b"),
    "iri-reference": ("../名", "b"),
    "uri-template": ("http://a.invalid/{id}", "/b"),
    "json-pointer": ("", "/a/0"),
    "relative-json-pointer": ("0", "1/a"),
    "regex": ("^a+$", "b"),
    "uuid": ("0e37df36-f698-11e6-8dd4-cb9ced3df976", "00000000-0000-0000-0000-000000000000"),
}
# Where a format takes more letters.
_BEFORE: Final = frozenset({"email", "idn-email"})
_BEHIND: Final = frozenset({"uri", "uri-reference", "iri", "iri-reference", "uri-template", "regex"})
ODD: Final = ("", "a", "x", "ab", "zz9", "A-1", "é", "🎉🎉", "line\nbreak", "名前", "0", "true", "2026-01-02", "x" * 70)
_CLASSES: Final = {
    "CATEGORY_DIGIT": "0123456789",
    "CATEGORY_WORD": "abcXYZ019_",
    "CATEGORY_SPACE": " \t",
    "CATEGORY_NOT_DIGIT": "ax-",
    "CATEGORY_NOT_WORD": "-. ",
    "CATEGORY_NOT_SPACE": "ax0-",
}
_ANY: Final = "abcxyzABC0189-_.é"
_MOST: Final = 12


def matching(pattern: str, random: Random) -> str | None:
    """A text that a pattern most likely matches; None for one that is not understood."""
    try:
        return _Sampler(random).sequence(_parsed(pattern))
    except (re.error, RecursionError, KeyError, IndexError):
        return None


def formatted(name: str, random: Random, filler: str = "") -> str | None:
    """A text of a format, longer by `filler` where the format lets it; None for one that is not known."""
    if name not in _FORMATS:
        return None
    text = random.choice(_FORMATS[name])
    return filler + text if name in _BEFORE else text + filler if name in _BEHIND else text


def fitted(text: str, shortest: int, longest: int | None) -> str:
    """A text cut or filled to a length in characters."""
    text += "a" * (min(shortest, 5000) - len(text))
    return text if longest is None else text[:longest]


def _parsed(pattern: str) -> _Parsed:
    # The standard library's own reader of patterns: it has no public name since sre_parse went.
    parsed: _Parsed = import_module("re._parser").parse(pattern)
    return parsed


class _Sampler:
    """Walks a parsed pattern; groups that are referred back to are not followed."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def sequence(self, parsed: _Parsed) -> str:
        return "".join(self._one(str(kind), said) for kind, said in parsed)

    def _one(self, kind: str, said: Any) -> str:
        match kind, said:
            case "LITERAL", int(code):
                return chr(code)
            case "NOT_LITERAL", int(code):
                return self._random.choice([each for each in _ANY if ord(each) != code])
            case "ANY", _:
                return self._random.choice(_ANY)
            case "IN", list(members):
                return self._member(members)
            case "BRANCH", (_, list(branches)):
                return self.sequence(self._random.choice(branches))
            case "SUBPATTERN", (*_, inner):
                return self.sequence(inner)
            case (("MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT"), (low, high, inner)):
                count = self._random.choice([low, low, min(high, low + 1), min(high, low + _MOST)])
                return "".join(self.sequence(inner) for _ in range(count))
            case _:
                return ""

    def _member(self, members: _Parsed) -> str:
        if str(members[0][0]) == "NEGATE":
            return self._random.choice([each for each in _ANY if not _in(each, members[1:])])
        kind, said = self._random.choice(members)
        match str(kind), said:
            case "RANGE", (low, high):
                return chr(self._random.choice([low, high, self._random.randint(low, high)]))
            case "LITERAL", int(code):
                return chr(code)
            case _:
                return self._random.choice(_CLASSES[str(said)])


def _in(character: str, members: _Parsed) -> bool:
    for kind, said in members:
        match str(kind), said:
            case "RANGE", (low, high):
                if low <= ord(character) <= high:
                    return True
            case "LITERAL", int(code):
                if ord(character) == code:
                    return True
            case _:
                if character in _CLASSES[str(said)]:
                    return True
    return False
