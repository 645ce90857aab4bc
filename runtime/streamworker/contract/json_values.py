"""Values of no declared type: any JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

from pydantic_core import CoreSchema, PydanticCustomError, core_schema

DEEPEST: Final = 200
"""How many arrays and objects may be nested: where the parser stops."""


class _AnyJson:
    """Lets pass what can be written as JSON and read back: no NaN, no infinity (`1e400` is one), no keys but texts."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: Callable[[Any], CoreSchema]) -> CoreSchema:
        return core_schema.no_info_after_validator_function(_check, core_schema.any_schema())


if TYPE_CHECKING:
    Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None
    """A JSON value of no declared type. Not to be changed in place: it is part of a frozen event."""
else:
    Json = Annotated[Any, _AnyJson]


def _check(value: object, depth: int = DEEPEST) -> object:
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if kind is float and isfinite(value):  # type: ignore[arg-type]  # mypy does not narrow by `type()` kept in a name
        return value
    if depth and kind is dict:
        _check_items(value, depth)  # type: ignore[arg-type]  # as above
    elif depth and kind in (list, tuple):
        for item in value:  # type: ignore[attr-defined]  # as above
            _check(item, depth - 1)
    else:
        raise PydanticCustomError("json", "a JSON value: finite numbers, texts as keys, at most 200 levels")
    return value


def _check_items(value: Mapping[object, object], depth: int) -> None:
    for key, item in value.items():
        if type(key) is not str:
            raise PydanticCustomError("json", "an object with texts as keys")
        _check(item, depth - 1)
