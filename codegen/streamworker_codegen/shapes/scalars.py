"""The types of scalar values: what of a schema's assertions on them a strict model holds exactly, and what is lost."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from math import ceil, floor
from typing import Final, TypeGuard

from streamworker_codegen.documents import Json, Place
from streamworker_codegen.shapes import formats, patterns, unions
from streamworker_codegen.shapes.flat import Flat
from streamworker_codegen.shapes.types import (
    AnyValue,
    Array,
    Assertion,
    Boolean,
    Float,
    Integer,
    Literals,
    Loss,
    Map,
    Null,
    Number,
    Text,
    Timestamp,
    Type,
)

_EXACT: Final = 2**53  # each float below it is one number alone
_LITERAL_LIMIT: Final = 2**63  # pydantic finds no larger integers among literals


def integer(flat: Flat, place: Place, losses: list[Loss]) -> Type:
    lower = [ceil(bound) + (excluded and bound == ceil(bound)) for bound, excluded in _exact(flat.at_least)]
    upper = [floor(bound) - (excluded and bound == floor(bound)) for bound, excluded in _exact(flat.at_most)]
    whole = [int(Decimal(repr(each))) for each in flat.multiples if each == int(each)]
    if len(flat.multiples) > 1 or len(whole) < len(flat.multiples):
        losses.append(Loss(place, "multipleOf"))
        whole = []
    return Integer(max(lower, default=None), min(upper, default=None), whole[0] if whole else None)


def number(flat: Flat, place: Place, losses: list[Loss]) -> Type:
    if flat.multiples:
        losses.append(Loss(place, "multipleOf"))
    lower, upper = _exact(flat.at_least), _exact(flat.at_most)
    return Float(
        minimum=max((bound for bound, excluded in lower if not excluded), default=None),
        maximum=min((bound for bound, excluded in upper if not excluded), default=None),
        above=max((bound for bound, excluded in lower if excluded), default=None),
        below=min((bound for bound, excluded in upper if excluded), default=None),
    )


def _exact(bounds: Iterable[tuple[Number, bool]]) -> list[tuple[Number, bool]]:
    """Bounds as the validator compares them: 1e23 as 10**23, which no float is."""
    return [(int(Decimal(repr(bound))) if abs(bound) >= _EXACT else bound, excluded) for bound, excluded in bounds]


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
    """A choice of values: of texts and null exact; of others only their types, since a model can't tell 1 from true or 1.0."""
    values = [each for each in flat.literals or [] if _type_name(each) in flat.types]
    if flat.restricts_texts:
        losses.append(Loss(place, "enum"))
    if values and all(each is None or isinstance(each, str) for each in values):
        return Literals(tuple(each for each in values if each is None or isinstance(each, str)))
    losses.append(Loss(place, "enum"))
    plain = tuple(each for each in values if each is None or isinstance(each, str) or _is_small(each))
    if plain and len(plain) == len(values) and len(set(plain)) == len(plain):  # Python takes 1 for True: never both
        return Literals(plain)
    return unions.union(list(dict.fromkeys(_type_of(each) for each in values)))


def _is_small(value: Json) -> TypeGuard[int]:
    return isinstance(value, int) and abs(value) < _LITERAL_LIMIT


def _type_of(value: Json) -> Type:
    match value:
        case None:
            return Null()
        case bool():
            return Boolean()
        case int():
            return Integer()
        case float():
            return Float()
        case str():
            return Text()
        case list():
            return Array(AnyValue())
        case _:
            return Map(AnyValue())


def _type_name(value: Json) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "integer" if value.is_integer() else "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"
