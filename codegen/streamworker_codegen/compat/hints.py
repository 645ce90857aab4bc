"""What two versions of a schema speak of: where messages that tell them apart are to be looked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Final

from streamworker_codegen.compat.texts import formatted
from streamworker_codegen.documents import Json
from streamworker_codegen.shapes.dialects import Schema
from streamworker_codegen.shapes.keywords import listed, mapped

_CROWD: Final = 40


@dataclass(frozen=True)
class Hints:
    """What both versions speak of: names of properties, values at and beside what they mention, and how many properties there may be."""

    names: tuple[str, ...] = ()
    values: tuple[Json, ...] = ()
    crowds: tuple[int, ...] = (0,)

    @classmethod
    def of(cls, *schemas: Json) -> Hints:
        found = [each for schema in schemas for each in _subschemas(schema)]
        names = {name: None for each in found for name in mapped(each.get("properties"))}
        names |= {str(name): None for each in found for name in listed(each.get("required"))}
        most = {int(number(each[name])) + 1 for each in found for name in ("maxProperties",) if name in each}
        crowds = tuple(sorted(each for each in most if each <= _CROWD))
        values = {repr(value): value for each in found for value in _mentioned(each)}
        return cls(tuple(names), tuple(values.values()), (0, *crowds))

    @cached_property
    def texts(self) -> tuple[str, ...]:
        return tuple(each for each in self.values if isinstance(each, str))

    @cached_property
    def fillers(self) -> tuple[str, ...]:
        """Texts of lengths that they speak of, of letters that nearly all formats take."""
        return tuple(each for each in self.texts if set(each) == {"a"})

    @cached_property
    def numbers(self) -> tuple[int | float, ...]:
        return tuple(each for each in self.values if isinstance(each, int | float) and not isinstance(each, bool))


def number(value: Json) -> float:
    """0 for what is none."""
    return value if isinstance(value, int | float) else 0


def _subschemas(schema: Json) -> Iterator[Schema]:
    if isinstance(schema, dict):
        yield schema
        for name, value in schema.items():
            if name not in ("enum", "const", "required", "default"):
                for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
                    yield from _subschemas(each)
                if isinstance(value, dict):
                    yield from _subschemas(value)


def _mentioned(schema: Schema) -> Iterator[Json]:
    """Values that stand at an edge of what a schema says, or just beside it."""
    yield from listed(schema.get("enum"))
    if "const" in schema:
        yield schema["const"]
    for name in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"):
        if isinstance(bound := schema.get(name), int | float):
            yield from (bound, bound + 1, bound - 1)
    for name in ("minLength", "maxLength"):
        if isinstance(bound := schema.get(name), int | float) and bound <= 1000:
            yield from ("a" * max(0, int(bound) + by) for by in (-1, 0, 1))
    for name in ("minItems", "maxItems"):
        if isinstance(bound := schema.get(name), int | float) and bound <= 50:
            yield from (list[Json]([None] * max(0, int(bound) + by)) for by in (-1, 0, 1))
    if isinstance(schema.get("format"), str) and (text := formatted(str(schema["format"]), Random(0))) is not None:
        yield text
