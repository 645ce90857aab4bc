"""What single keywords add to what is said of a value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from streamworker_codegen.documents import Json, Place
from streamworker_codegen.shapes.dialects import Schema, item_keywords, keywords, step
from streamworker_codegen.shapes.flat import Flat
from streamworker_codegen.shapes.numbers import exact, is_number, same
from streamworker_codegen.shapes.types import Loss, Number

Read: TypeAlias = Callable[[Flat, Json, Place], None]

# Keywords that the shape does not hold values to; those about objects, arrays and texts hold for values of that type alone.
_LOST: Final = {
    "object": ("dependentRequired", "dependencies", "dependentSchemas", "propertyNames", "patternProperties"),
    "array": ("contains", "unevaluatedItems"),
    "string": ("contentEncoding", "contentMediaType"),
    "": ("not", "if", "$dynamicRef", "$recursiveRef", "$vocabulary"),
}


def read_keywords(flat: Flat, schema: Schema, place: Place) -> None:
    """Merge what a schema itself says, without what it brings in from others."""
    for name, value in schema.items():
        if name in _READERS:
            _READERS[name](flat, value, place)
    _items(flat, schema, place)
    for applies_to, names in _LOST.items():
        if not applies_to or applies_to in flat.types:
            flat.losses += [Loss(place, name) for name in names if name in schema]


def _items(flat: Flat, schema: Schema, place: Place) -> None:
    first, rest = item_keywords(schema, place.document.draft)
    count = len(listed(schema.get(first)))
    flat.lists += bool(count) or rest in schema
    flat.first_items += [[] for _ in range(count - len(flat.first_items))]
    for index in range(count):
        flat.first_items[index].append(step(place, first, index))
    if rest in schema:
        flat.items.append(step(place, rest))


def _types(flat: Flat, value: Json, _place: Place) -> None:
    named = {str(each) for each in value} if isinstance(value, list) else {str(value)}
    if "number" in named:
        named.add("integer")
    flat.types &= named


def _literals(flat: Flat, value: Json, _place: Place) -> None:
    new = [exact(each) if is_number(each) else each for each in listed(value)]
    known = flat.literals
    flat.literals = new if known is None else [each for each in known if any(same(each, other) for other in new)]


def _bound(collect: Callable[[Flat], list[tuple[Number, bool]]], excluded: bool) -> Read:
    def read(flat: Flat, value: Json, _place: Place) -> None:
        if is_number(value):
            collect(flat).append((exact(value), excluded))

    return read


def _multiple(flat: Flat, value: Json, _place: Place) -> None:
    if is_number(value):
        flat.multiples.append(exact(value))


def _size(name: str) -> Read:
    def read(flat: Flat, value: Json, _place: Place) -> None:
        if is_number(value):
            known = flat.sizes.get(name, int(value))
            flat.sizes[name] = max(known, int(value)) if name.startswith("min") else min(known, int(value))

    return read


def _properties(flat: Flat, value: Json, place: Place) -> None:
    for name in mapped(value):
        flat.properties.setdefault(name, []).append(step(place, "properties", name))


def _required(flat: Flat, value: Json, place: Place) -> None:
    for name in listed(value):
        flat.required.setdefault(str(name), place)


def _patterned(flat: Flat, value: Json, place: Place) -> None:
    flat.patterned += [step(place, "patternProperties", name) for name in mapped(value)]
    schema, _ = keywords(place)
    flat.only_patterned |= schema.get("additionalProperties", True) is False and "properties" not in schema


def _additional(flat: Flat, value: Json, place: Place) -> None:
    if isinstance(value, dict) and value:
        flat.rest.append(step(place, "additionalProperties"))


def _unevaluated(flat: Flat, value: Json, place: Place) -> None:
    if isinstance(value, dict) and value:
        flat.losses.append(Loss(place, "unevaluatedProperties"))


def _unique(flat: Flat, value: Json, place: Place) -> None:
    if value is True:
        flat.unique = place


def _annotation(name: str) -> Read:
    def read(flat: Flat, value: Json, _place: Place) -> None:
        flat.annotations.setdefault(name, value)

    return read


def _format(flat: Flat, value: Json, place: Place) -> None:
    flat.formats.append((place.document.draft, str(value)))


def listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def mapped(value: Json) -> Schema:
    return value if isinstance(value, dict) else {}


_READERS: Final[dict[str, Read]] = {
    "type": _types,
    "enum": _literals,
    "const": lambda flat, value, place: _literals(flat, [value], place),
    "minimum": _bound(lambda flat: flat.at_least, excluded=False),
    "exclusiveMinimum": _bound(lambda flat: flat.at_least, excluded=True),
    "maximum": _bound(lambda flat: flat.at_most, excluded=False),
    "exclusiveMaximum": _bound(lambda flat: flat.at_most, excluded=True),
    "multipleOf": _multiple,
    "pattern": lambda flat, value, _place: flat.patterns.append(str(value)),
    "format": _format,
    "uniqueItems": _unique,
    "properties": _properties,
    "required": _required,
    "patternProperties": _patterned,
    "additionalProperties": _additional,
    "unevaluatedProperties": _unevaluated,
    **{
        name: _size(name)
        for name in ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
    },
    **{name: _annotation(name) for name in ("title", "description", "default", "discriminator")},
}
