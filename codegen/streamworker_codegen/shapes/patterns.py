"""Patterns that mean the same to the model's regex engine (Rust's) as to JSON Schema (ECMA-262)."""

from __future__ import annotations

import re
from typing import Final

_LONGEST: Final = 500
_MOST_REPEATS: Final = 20_000

# Text without a special meaning, an escaped symbol, a plain class, an anchor, a group, an alternative, a bounded repetition.
# Left out: `\d`, `\w`, `\s`, `\b` and `.`, which differ in Unicode; look-around; set operations within a class.
_PIECE: Final = re.compile(
    r"""
      [^\\\[\](){}.*+?|^$]
    | \\[-\\/\[\](){}.*+?|^$]
    | \[\^? -? (?: [^\\\[\]&~^-] | \\[-\\/\[\](){}.*+?|^$] | (?<=[^\[^-]) - (?=[^\]-]) )+ -? \]
    | \^ | \$ | \| | \( \?: | \( (?!\?) | \)
    | (?<=[^(|^*+?}]) [*+?]
    | (?<=[^(|^*+?}]) \{ (?P<least>\d{1,4}) (?: , (?P<most>\d{0,4}) )? \}
    """,
    re.VERBOSE,
)


def portable(pattern: str) -> str | None:
    """The pattern where both engines accept exactly the same texts, else None."""
    if len(pattern) > _LONGEST:
        return None
    at, repeats = 0, 1
    while at < len(pattern):
        piece = _PIECE.match(pattern, at)
        if piece is None:
            return None
        repeats *= max(1, int(piece["most"] or piece["least"] or 1))
        at = piece.end()
    return pattern if repeats <= _MOST_REPEATS else None
