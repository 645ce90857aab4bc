"""Types as annotations, for what the generator has no words for."""

from __future__ import annotations

from collections.abc import Mapping

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


class TypeTexts:
    """names: those of the definitions."""

    def __init__(self, names: Mapping[Key, str]) -> None:
        self._names = names

    def text(self, type_: Type) -> str:
        """`Annotated[str, Field(max_length=2048), Asserts("format", "uri")]`."""
        metadata = [f"Field({', '.join(f'{name}={literal(bound)}' for name, bound in bounds(type_).items())})"] * bool(
            bounds(type_)
        )
        metadata += [f"Asserts({literal(each.keyword)}, {literal(each.argument)})" for each in asserts(type_)]
        metadata += ["Exact"] * _needs_exact(type_)
        plain = self._plain(type_)
        return f"Annotated[{', '.join([plain, *metadata])}]" if metadata else plain

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
