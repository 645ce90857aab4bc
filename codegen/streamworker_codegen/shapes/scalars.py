"""The types of scalar values: what of a schema's assertions on them a strict model holds exactly, and what is lost."""

from __future__ import annotations

from math import ceil, floor
from typing import Final, TypeGuard

from streamworker_codegen.documents import Json, Place
from streamworker_codegen.json_types import type_of
from streamworker_codegen.shapes import formats, patterns, unions
from streamworker_codegen.shapes.flat import Flat
from streamworker_codegen.shapes.types import (
    AnyValue,
    Array,
    Assertion,
    Float,
    Integer,
    Literals,
    Loss,
    Map,
    Nothing,
    Text,
    Timestamp,
    Type,
)

_EXACT: Final = 2**53  # beyond it a float compares unlike the integer that its shortest text says
_LITERAL_LIMIT: Final = 2**63  # pydantic finds no larger integers among literals


def integer(flat: Flat, place: Place, losses: list[Loss]) -> Type:
    lower = [ceil(bound) + (excluded and bound == ceil(bound)) for bound, excluded in flat.at_least]
    upper = [floor(bound) - (excluded and bound == floor(bound)) for bound, excluded in flat.at_most]
    whole = [each for each in flat.multiples if isinstance(each, int)]
    if len(flat.multiples) > 1 or len(whole) < len(flat.multiples):
        losses.append(Loss(place, "multipleOf"))
        whole = []
    return Integer(max(lower, default=None), min(upper, default=None), whole[0] if whole else None)


def number(flat: Flat, place: Place, losses: list[Loss]) -> Type:
    if flat.multiples:
        losses.append(Loss(place, "multipleOf"))
    for keyword, bounds in (("minimum", flat.at_least), ("maximum", flat.at_most)):
        if any(abs(bound) >= _EXACT for bound, _ in bounds):
            losses.append(Loss(place, keyword))
    return Float(
        minimum=max((bound for bound, excluded in flat.at_least if not excluded), default=None),
        maximum=min((bound for bound, excluded in flat.at_most if not excluded), default=None),
        above=max((bound for bound, excluded in flat.at_least if excluded), default=None),
        below=min((bound for bound, excluded in flat.at_most if excluded), default=None),
    )


def text(flat: Flat, place: Place, losses: list[Loss]) -> Type:
    asserted = [name for draft, name in dict.fromkeys(flat.formats) if formats.asserted(draft, name)]
    shortest, longest = flat.sizes.get("minLength"), flat.sizes.get("maxLength")
    exact = [pattern for each in dict.fromkeys(flat.patterns) if (pattern := patterns.portable(each)) is not None]
    others = [each for each in dict.fromkeys(flat.patterns) if patterns.portable(each) is None]
    if asserted == ["date-time"]:
        lost = [
            name
            for name, there in (("pattern", flat.patterns), ("minLength", shortest), ("maxLength", longest))
            if there
        ]
        losses += [Loss(place, name) for name in lost]
        return Timestamp()
    asserts = [Assertion("format", each) for each in asserted]
    asserts += [Assertion("pattern", each) for each in (*exact[1:], *others)]
    return Text(shortest, longest, exact[0] if exact else None, tuple(asserts))


def literals(flat: Flat, place: Place, losses: list[Loss]) -> Type:
    """A choice of values: of scalars exact, of arrays and objects only their types."""
    values = [each for each in flat.literals or [] if type_of(each) in flat.types]
    if not values:
        return Nothing(place)
    if flat.restricts_scalars or any(isinstance(each, list | dict) for each in values):
        losses.append(Loss(place, "enum"))
    small = {(type(each), each): each for each in values if _is_small(each)}
    others = [_type_of(each) for each in values if not _is_small(each)]
    return unions.union([*([Literals(tuple(small.values()))] if small else []), *others])


def _is_small(value: Json) -> TypeGuard[str | int | None]:
    """Whether it can be a literal."""
    return value is None or isinstance(value, str) or (isinstance(value, int) and abs(value) < _LITERAL_LIMIT)


def _type_of(value: Json) -> Type:
    match value:
        case int():
            return Integer(value, value)
        case float():
            return Float(value, value)
        case list():
            return Array(AnyValue())
        case _:
            return Map(AnyValue())
