"""Types as annotations, for what the generator has no words for."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, floor
from typing import Final

from streamworker_codegen.documents import Json
from streamworker_codegen.models.text import literal
from streamworker_codegen.shapes.types import (
    AnyValue,
    Array,
    Assertion,
    Boolean,
    Float,
    Integer,
    Key,
    Literals,
    Map,
    Nothing,
    Null,
    Ref,
    Row,
    Text,
    Timestamp,
    Type,
    Union,
)

_EXACT: Final = 2**53  # beyond it a float stands for several integers


class TypeTexts:
    """names: those of the definitions."""

    def __init__(self, names: Mapping[Key, str]) -> None:
        self._names = names

    def text(self, type_: Type) -> str:
        """`Annotated[str, Field(max_length=2048), Asserts("format", "uri")]`."""
        if isinstance(type_, Float) and bounds(type_) and not _is_coarse(type_):
            # Bounds of `int | float` as a whole would be checked in Python: 1 us instead of 0.1 for each number.
            return f"{_annotated('int', _field(_whole(type_)))} | {_annotated('float', _field(type_))}"
        metadata = _field(type_)
        metadata += [f"Asserts({literal(each.keyword)}, {literal(each.argument)})" for each in asserts(type_)]
        metadata += ["Exact"] * _needs_exact(type_)
        return _annotated(self._plain(type_), metadata)

    def _plain(self, type_: Type) -> str:
        match type_:
            case AnyValue() | Nothing():
                return "Json"
            case Null():
                return "None"
            case Boolean():
                return "bool"
            case Integer():
                return "int"
            case Float():
                return "int | float"
            case Text():
                return "str"
            case Timestamp():
                return "Timestamp"
            case Literals(values):
                return f"Literal[{', '.join(map(literal, values))}]"
            case Array(items):
                return f"tuple[{self.text(items)}, ...]"
            case Row(items):
                return f"tuple[{', '.join(map(self.text, items)) or '()'}]"
            case Map(values):
                return f"Mapping[str, {self.text(values)}]"
            case Ref(key):
                return self._names[key]
            case Union(members):
                return " | ".join(map(self.text, members))


def _annotated(plain: str, metadata: list[str]) -> str:
    return f"Annotated[{', '.join([plain, *metadata])}]" if metadata else plain


def _field(type_: Type) -> list[str]:
    found = bounds(type_)
    return [f"Field({', '.join(f'{name}={literal(bound)}' for name, bound in found.items())})"] if found else []


def _is_coarse(type_: Float) -> bool:
    """Whether a bound lies where an integer that breaks it may, as a float, keep it."""
    return any(
        bound is not None and abs(bound) >= _EXACT for bound in (type_.minimum, type_.maximum, type_.above, type_.below)
    )


def _whole(type_: Float) -> Integer:
    """The integers among some numbers."""
    lower = [ceil(type_.minimum)] if type_.minimum is not None else []
    lower += [floor(type_.above) + 1] if type_.above is not None else []
    upper = [floor(type_.maximum)] if type_.maximum is not None else []
    upper += [ceil(type_.below) - 1] if type_.below is not None else []
    return Integer(max(lower, default=None), min(upper, default=None))


def _needs_exact(type_: Type) -> bool:
    return isinstance(type_, Literals) and type_.of_numbers


def has_bounds(type_: Type) -> bool:
    """Whether a type, or one within it, is narrower than its Python type, or of a length of its own."""
    match type_:
        case Array(items):
            inner: tuple[Type, ...] = (items,)
        case Map(values):
            inner = (values,)
        case Row(each) | Union(each):
            inner = each
        case _:
            inner = ()
    own = asserts(type_) or bounds(type_) or _needs_exact(type_) or isinstance(type_, Row)
    return bool(own) or any(map(has_bounds, inner))


def asserts(type_: Type) -> tuple[Assertion, ...]:
    """What the runtime checks of its values."""
    match type_:
        case Text(asserts=found):
            return found
        case Array(unique=place) if place is not None:
            return (Assertion("uniqueItems", True),)
        case _:
            return ()


def bounds(type_: Type) -> dict[str, Json]:
    """What narrows it, in pydantic's words."""
    match type_:
        case Integer(minimum, maximum, multiple_of):
            found: dict[str, Json] = {"ge": minimum, "le": maximum, "multiple_of": multiple_of}
        case Float(minimum, maximum, above, below):
            found = {"ge": minimum, "gt": above, "le": maximum, "lt": below}
        case Text(shortest, longest, pattern):
            found = {"min_length": shortest, "max_length": longest, "pattern": pattern}
        case Array(_, shortest, longest, _) | Map(_, shortest, longest):
            found = {"min_length": shortest, "max_length": longest}
        case Union(tag=tag):
            found = {"discriminator": tag}
        case _:
            found = {}
    return {name: bound for name, bound in found.items() if bound is not None}
