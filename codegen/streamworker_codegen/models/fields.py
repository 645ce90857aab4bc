"""What is decided about a field before it is written: its alias, its default, whether None stands for "omitted"."""

from __future__ import annotations

from functools import lru_cache

from pydantic import alias_generators

from streamworker_codegen.documents import Json
from streamworker_codegen.models.text import literal
from streamworker_codegen.shapes.types import (
    Array,
    Boolean,
    Field,
    Float,
    Integer,
    Literals,
    Missing,
    ObjectShape,
    Text,
    Type,
)

to_camel = lru_cache(maxsize=1 << 14)(alias_generators.to_camel)


def camel(shape: ObjectShape) -> bool:
    """Whether an alias generator saves more aliases than it costs."""
    saved = sum(field.name != field.json_name == to_camel(field.name) for field in shape.fields)
    costs = sum(field.name == field.json_name != to_camel(field.name) for field in shape.fields)
    return saved > costs


def alias_of(field: Field, is_camel: bool) -> str | None:
    """The alias that has to be written out for a field, if any. is_camel: of its class, as `camel` has it."""
    implied = to_camel(field.name) if is_camel else field.name
    return None if implied == field.json_name else field.json_name


def omittable(field: Field) -> bool:
    """Whether a field may be left out but not be null, and has no default to stand in."""
    return not field.required and not field.nullable and default_of(field) == "None"


def default_of(field: Field) -> str | None:
    """The default of an optional field, in Python: its own where a model can have it, else None; for a required one, none at all."""
    if field.required:
        return None
    if isinstance(field.default, Missing) or not _fits(field.default, field.type):
        return "None"
    return literal(field.default)


def _fits(value: Json, type_: Type) -> bool:
    match type_:
        case Boolean():
            return isinstance(value, bool)
        case Integer(minimum, maximum):
            return type(value) is int and _within(value, minimum, maximum)
        case Float():
            return isinstance(value, int | float) and not isinstance(value, bool)
        case Text():
            return isinstance(value, str)
        case Literals(values):
            return any(type(value) is type(each) and value == each for each in values)
        case Array(items):
            return isinstance(value, list) and all(_fits(each, items) for each in value)
        case _:
            return False


def _within(value: int, minimum: int | None, maximum: int | None) -> bool:
    return (minimum is None or value >= minimum) and (maximum is None or value <= maximum)
