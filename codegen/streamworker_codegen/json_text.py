"""The value of a JSON file, or the problem that it has."""

from __future__ import annotations

import json
from typing import NoReturn

from streamworker_codegen.documents import Json
from streamworker_codegen.errors import Refused
from streamworker_codegen.json_positions import Lines, offsets
from streamworker_codegen.problems import Position, Problem
from streamworker_codegen.sources import Source

MAX_DEPTH = 200
MAX_DIGITS = 4300


def parse_json(source: Source) -> Json:
    """The value of a JSON text; of doubled keys the last counts. Raises Refused."""
    try:
        value: Json = json.loads(source.text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise Refused(_not_json(source, error)) from error
    except RecursionError as error:
        raise Refused(_too_deep(source)) from error
    except ValueError as error:
        raise Refused(_not_a_number(source)) from error
    if source.text.count("{") + source.text.count("[") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise Refused(_too_deep(source))
    if "\\ud" in source.text.lower() and (lone := _lone_surrogate(source, value)):
        raise Refused(lone)
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _depth(value: Json) -> int:
    """How many arrays and objects stand within one another."""
    depth = 0
    level = [value]
    while level := [inner for each in level for inner in _inside(each)]:
        depth += 1
    return depth


def _inside(value: Json) -> list[Json]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _not_json(source: Source, error: json.JSONDecodeError) -> Problem:
    empty = not source.text.strip()
    what = "the file is empty" if empty else f"not JSON: {error.msg[0].lower()}{error.msg[1:]}"
    mend = (
        "write a JSON Schema, or remove the file"
        if empty
        else "mend the text there; JSON has no comments and no trailing commas"
    )
    comma = _trailing_comma(source.text, error.pos)
    if comma is not None:  # Python 3.13 says so itself, earlier versions complain of what follows
        where = Lines(source.file, source.text).position(comma)
        return Problem(where, "not-json", "not JSON: a comma with nothing behind it", mend)
    return Problem(Position(source.file, error.lineno, error.colno), "not-json", what, mend)


def _trailing_comma(text: str, at: int) -> int | None:
    """Where the comma stands that is left over before the end of an object or array, if that is what is wrong at an offset."""
    if text[at : at + 1] in ("}", "]"):
        before = text[:at].rstrip()
        return len(before) - 1 if before.endswith(",") else None
    is_left_over = text[at : at + 1] == "," and text[at + 1 :].lstrip()[:1] in ("}", "]")
    return at if is_left_over else None


def _too_deep(source: Source) -> Problem:
    return Problem(
        Position(source.file),
        "too-deep",
        f"arrays and objects stand more than {MAX_DEPTH} deep within one another",
        "move inner schemas to $defs and refer to them with $ref",
    )


def _not_a_number(source: Source) -> Problem:
    """For what Python's reader takes for a number and JSON does not, or is too long for Python."""
    lines = Lines(source.file, source.text)
    for offset in offsets(source.text).values():
        if source.text.startswith(("NaN", "Infinity", "-Infinity"), offset):
            return Problem(
                lines.position(offset),
                "not-json",
                "not JSON: NaN and Infinity are no numbers",
                "use a number, or a string",
            )
        if source.text[offset : offset + MAX_DIGITS].lstrip("-").isdecimal():
            what = f"a number of more than {MAX_DIGITS} digits"
            return Problem(lines.position(offset), "number-too-long", what, "shorten it; no reader keeps that many")
    return Problem(Position(source.file), "not-json", "not JSON: a number cannot be read", "mend the number")


def _lone_surrogate(source: Source, value: Json) -> Problem | None:
    r"""A `\ud800` without its other half is no character, and can't be written as UTF-8."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        what = f"the string holds half of a character, \\u{ord(error.object[error.start]):04x}"
        found = source.text.lower().find(f"\\u{ord(error.object[error.start]):04x}")
        mend = "write both halves of the pair, or the character itself"
        return Problem(Lines(source.file, source.text).position(max(found, 0)), "half-character", what, mend)
    return None
