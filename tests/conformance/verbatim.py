"""JSON whose numbers keep the text that they were written as: `1.0`, `1e400` and forty digits are cases, not values."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Final, TypeAlias

Json: TypeAlias = "bool | int | float | str | Written | list[Json] | dict[str, Json] | None"


class Written:
    """A number with a fraction or an exponent, as text."""

    def __init__(self, text: str) -> None:
        self.text = text


TYPES: Final = {
    "null": type(None),
    "boolean": bool,
    "number": int | float | Written,
    "string": str,
    "array": list,
    "object": dict,
}


def type_of(value: Json) -> str:
    """In JSON Schema's words."""
    return next(name for name, kind in TYPES.items() if isinstance(value, kind))


def read(text: str) -> Json:
    value: Json = json.loads(text, parse_float=Written)
    return value


def write(value: Json) -> str:
    match value:
        case Written():
            return value.text
        case dict():
            return "{" + ", ".join(f"{json.dumps(name)}: {write(each)}" for name, each in value.items()) + "}"
        case list():
            return f"[{', '.join(map(write, value))}]"
        case _:
            return json.dumps(value)


def same(one: bytes, other: bytes, *, as_doubles: bool = False) -> bool:
    """Whether two texts are the same JSON value. as_doubles: numbers by what a double holds of them."""
    number = float if as_doubles else Decimal
    return _equal(json.loads(one, parse_float=number), json.loads(other, parse_float=number))


def _equal(one: object, other: object) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(each, other[name]) for name, each in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and one == other
