"""Numbers as the schema validator takes them: a float by its shortest text, so that 1e23 is 10**23, which no float is."""

from __future__ import annotations

from decimal import Decimal
from math import isfinite
from typing import TypeGuard

from streamworker_codegen.documents import Json
from streamworker_codegen.shapes.types import Number


def is_number(value: Json) -> TypeGuard[Number]:
    """Whether it is one, and finite."""
    return type(value) is int or (isinstance(value, float) and isfinite(value))


def exact(number: Number) -> Number:
    """The integer that a whole float stands for; another number as it is."""
    return int(Decimal(repr(number))) if isinstance(number, float) and number.is_integer() else number


def same(one: Json, other: Json) -> bool:
    """Whether two scalars are equal: to Python, True is 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)
