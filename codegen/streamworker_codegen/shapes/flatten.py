"""Schemas that all hold for one value, flattened into one: references followed, `allOf` merged, alternatives left standing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, Protocol, cast

from streamworker_codegen.documents import Json, Place
from streamworker_codegen.shapes.dialects import Schema, item_keywords, keywords, step
from streamworker_codegen.shapes.types import Loss, Number

EVERY_TYPE: Final = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})

# Keywords that the shape does not hold values to; those about objects and arrays hold for values of that type alone.
_LOST: Final = {
    "object": ("dependentRequired", "dependencies", "dependentSchemas", "propertyNames", "patternProperties"),
    "array": ("contains", "unevaluatedItems"),
    "string": ("contentEncoding", "contentMediaType"),
    "": ("not", "if", "$dynamicRef", "$recursiveRef"),
}

_ANY_NAME: Final = "\0any"  # among the names that a schema evaluates: all those that it does not list


class References(Protocol):
    """Where references lead; None where one leads nowhere, which others report."""

    def target(self, place: Place) -> Place | None:
        """The schema that the `$ref` of the schema at `place` names."""


@dataclass(frozen=True)
class Alternatives:
    keyword: str
    place: Place
    branches: tuple[Place, ...]


@dataclass
class Flat:
    """What all of some schemas say together. `properties` and `items` are still schemas: for each, all that hold for it."""

    types: frozenset[str] = EVERY_TYPE
    literals: list[Json] | None = None
    at_least: list[tuple[Number, bool]] = field(default_factory=list)  # the bound, and whether it is excluded
    at_most: list[tuple[Number, bool]] = field(default_factory=list)
    multiples: list[Number] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    patterns: list[str] = field(default_factory=list)
    formats: list[tuple[str, str]] = field(default_factory=list)  # the draft, the name
    items: list[Place] = field(default_factory=list)
    first_items: list[list[Place]] = field(default_factory=list)
    unique: Place | None = None  # where uniqueItems is asked for
    properties: dict[str, list[Place]] = field(default_factory=dict)
    required: dict[str, Place] = field(default_factory=dict)
    allowed: frozenset[str] | None = None  # the properties of a closed object
    rest: list[Place] = field(default_factory=list)  # what holds for the other properties
    patterned: list[Place] = field(default_factory=list)  # what holds for properties by pattern
    only_patterned: bool = False  # whether it holds no others
    alternatives: list[Alternatives] = field(default_factory=list)
    annotations: dict[str, Json] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)

    possible: set[str] = field(default_factory=set)  # properties that only alternatives name

    def allows(self, name: str) -> bool:
        return self.allowed is None or name in self.allowed

    @property
    def description(self) -> str:
        return str(self.annotations.get("description", ""))

    @property
    def tag(self) -> str | None:
        """The property that `discriminator` names."""
        discriminator = self.annotations.get("discriminator")
        name = discriminator.get("propertyName") if isinstance(discriminator, dict) else None
        return name if isinstance(name, str) else None

    @property
    def tells_types(self) -> bool:
        """Whether it says what a value looks like, and not only what it must not lack."""
        return bool(
            self.types != EVERY_TYPE
            or self.properties
            or self.items
            or self.rest
            or self.alternatives
            or self.literals is not None
        )

    @property
    def shapes_objects(self) -> bool:
        """Whether anything is said of an object's properties."""
        return bool(self.properties or self.required or self.rest) or self.allowed is not None

    @property
    def plain(self) -> bool:
        """Whether nothing is said but types, alternatives and annotations."""
        return not (
            self.shapes_objects or self.items or self.first_items or self.unique or self.sizes or self.patterns or self.formats
            or self.at_least or self.at_most or self.multiples or self.losses
        ) and self.literals is None  # fmt: skip


def flatten(places: Iterable[Place], references: References) -> Flat:
    """One flat schema for all of `places`. A branch of an alternative that is among them is taken as chosen."""
    flattening = _Flattening(references, tuple(places))
    for place in flattening.places:
        flattening.add(place)
    return flattening.flat


class _Flattening:
    def __init__(self, references: References, places: tuple[Place, ...]) -> None:
        self.flat = Flat()
        self.places = places
        self._references = references
        self._evaluates: dict[tuple[str, str], frozenset[str]] = {}

    def _names(self, places: Iterable[Place]) -> frozenset[str]:
        """The properties that schemas name which may hold."""
        aside = _Flattening(self._references, ())
        aside._evaluates = dict(self._evaluates)  # what is being read is not read again: in-place circles end here
        return frozenset().union(*(aside.add(place) for place in places))

    def add(self, place: Place) -> frozenset[str]:
        """Merge the schema at `place`; returns the properties that it names, itself or through others."""
        spot = (place.document.uri, place.pointer)
        if spot in self._evaluates:
            return self._evaluates[spot]
        self._evaluates[spot] = frozenset()
        schema, constant = keywords(place)
        if constant == "false":
            self.flat.types = frozenset()
        named = self._own(place, schema)
        self._close(place, schema, "additionalProperties", named)
        if schema.get("additionalProperties", False) is not False or "patternProperties" in schema:
            named |= {_ANY_NAME}
        named |= self._others(place, schema)
        self._close(place, schema, "unevaluatedProperties", named)
        self._evaluates[spot] = named
        return named

    def _close(self, place: Place, schema: Schema, keyword: str, named: frozenset[str]) -> None:
        if schema.get(keyword, True) is not False:
            return
        if _ANY_NAME in named or "patternProperties" in schema:
            self.flat.losses.append(Loss(place, keyword))
        else:
            allowed = self.flat.allowed
            self.flat.allowed = named if allowed is None else allowed & named

    def _own(self, place: Place, schema: Schema) -> frozenset[str]:
        """What the schema itself says."""
        flat = self.flat
        for name, value in schema.items():
            reader = _READERS.get(name)
            if reader is not None:
                reader(flat, value, place)
        for applies_to, names in _LOST.items():
            if not applies_to or applies_to in flat.types:
                flat.losses += [Loss(place, name) for name in names if name in schema]
        self._items(place, schema)
        return frozenset(_object(schema.get("properties")))

    def _items(self, place: Place, schema: Schema) -> None:
        first, rest = item_keywords(schema, place.document.draft)
        for index in range(len(_list(schema.get(first)))):
            while len(self.flat.first_items) <= index:
                self.flat.first_items.append([])
            self.flat.first_items[index].append(step(place, first, index))
        if rest in schema:
            self.flat.items.append(step(place, rest))

    def _others(self, place: Place, schema: Schema) -> frozenset[str]:
        """What other schemas say that it brings in, in place."""
        named: frozenset[str] = frozenset()
        if "$ref" in schema:
            target = self._references.target(place)
            named |= self.add(target) if target else self._lose(place, "$ref")
        for index in range(len(_list(schema.get("allOf")))):
            named |= self.add(step(place, "allOf", index))
        for keyword in ("oneOf", "anyOf"):
            if keyword in schema:
                named |= self._alternatives(place, keyword, len(_list(schema[keyword])))
        return named | self._conditional(place, schema)

    def _lose(self, place: Place, keyword: str) -> frozenset[str]:
        self.flat.losses.append(Loss(place, keyword))
        return frozenset()

    def _alternatives(self, place: Place, keyword: str, count: int) -> frozenset[str]:
        branches = tuple(step(place, keyword, index) for index in range(count))
        chosen = [branch for branch in branches if branch in self.places]
        if chosen:
            return self.add(chosen[0])
        self.flat.alternatives.append(Alternatives(keyword, place, branches))
        named = self._names(branches)
        self.flat.possible |= named - {_ANY_NAME}
        return named

    def _conditional(self, place: Place, schema: Schema) -> frozenset[str]:
        """The properties that conditions name: any value may stand there, since the shape does not judge conditions."""
        within = [step(place, name) for name in ("if", "then", "else") if name in schema]
        within += [step(place, "dependentSchemas", name) for name in _object(schema.get("dependentSchemas"))]
        named = self._names(within)
        for name in sorted(named - {_ANY_NAME}):
            self.flat.properties.setdefault(name, [])
        return named


def _types(flat: Flat, value: Json, _place: Place) -> None:
    named = {str(each) for each in value} if isinstance(value, list) else {str(value)}
    if "number" in named:
        named.add("integer")
    flat.types &= named


def _literals(flat: Flat, value: Json, _place: Place) -> None:
    new = _list(value)
    flat.literals = new if flat.literals is None else [each for each in flat.literals if each in new]


def _bound(collect: Callable[[Flat], list[tuple[Number, bool]]], excluded: bool) -> Callable[[Flat, Json, Place], None]:
    def read(flat: Flat, value: Json, _place: Place) -> None:
        if isinstance(value, int | float):
            collect(flat).append((value, excluded))

    return read


def _size(name: str) -> Callable[[Flat, Json, Place], None]:
    def read(flat: Flat, value: Json, _place: Place) -> None:
        if isinstance(value, int | float):
            known = flat.sizes.get(name, int(value))
            flat.sizes[name] = max(known, int(value)) if name.startswith("min") else min(known, int(value))

    return read


def _properties(flat: Flat, value: Json, place: Place) -> None:
    for name in _object(value):
        flat.properties.setdefault(name, []).append(step(place, "properties", name))


def _required(flat: Flat, value: Json, place: Place) -> None:
    for name in _list(value):
        flat.required.setdefault(str(name), place)


def _patterned(flat: Flat, value: Json, place: Place) -> None:
    flat.patterned += [step(place, "patternProperties", name) for name in _object(value)]
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


def _annotation(name: str) -> Callable[[Flat, Json, Place], None]:
    def read(flat: Flat, value: Json, _place: Place) -> None:
        flat.annotations.setdefault(name, value)

    return read


def _format(flat: Flat, value: Json, place: Place) -> None:
    flat.formats.append((place.document.draft, str(value)))


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _object(value: Json) -> Schema:
    return value if isinstance(value, dict) else {}


_READERS: Final[dict[str, Callable[[Flat, Json, Place], None]]] = {
    "type": _types,
    "enum": _literals,
    "const": lambda flat, value, place: _literals(flat, [value], place),
    "minimum": _bound(lambda flat: flat.at_least, excluded=False),
    "exclusiveMinimum": _bound(lambda flat: flat.at_least, excluded=True),
    "maximum": _bound(lambda flat: flat.at_most, excluded=False),
    "exclusiveMaximum": _bound(lambda flat: flat.at_most, excluded=True),
    "multipleOf": lambda flat, value, _place: flat.multiples.append(cast("Number", value)),
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
