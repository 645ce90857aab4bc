"""Schema -> shape: every schema that an event is made of becomes a type or a definition, and what a model can't hold is noted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from streamworker_codegen.documents import Json, Place
from streamworker_codegen.naming import attributes
from streamworker_codegen.problems import Problem
from streamworker_codegen.shapes import scalars, unions
from streamworker_codegen.shapes.dialects import keywords
from streamworker_codegen.shapes.flatten import EVERY_TYPE, Alternatives, Flat, References, flatten
from streamworker_codegen.shapes.types import (
    MISSING,
    AnyValue,
    Array,
    Boolean,
    Definition,
    Field,
    Key,
    Loss,
    Map,
    NamedType,
    Null,
    ObjectShape,
    Ref,
    Row,
    Type,
    Union,
)

# Beside a `$ref`, these say nothing of the value.
_ANNOTATIONS: Final = frozenset(
    [
        "$ref",
        "$comment",
        "$id",
        "$schema",
        "$anchor",
        "$defs",
        "definitions",
        "title",
        "description",
        "default",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
    ]
)


def key_of(places: Iterable[Place]) -> Key:
    return Key(tuple((place.document.uri, place.pointer) for place in places))


class Reader:
    """Reads schemas into `definitions`, each once."""

    def __init__(self, references: References) -> None:
        self.definitions: dict[Key, Definition] = {}
        self.problems: list[Problem] = []
        self._references = references
        self._reading: set[Key] = set()
        self._wanted: set[Key] = set()  # what something that is being read refers back to: it needs a name

    def event(self, place: Place) -> Key:
        """Read a whole event or value."""
        place, _ = self._follow(place)
        key = key_of([place])
        if not isinstance(known := self.definitions.get(key), ObjectShape):
            self._object(key, [place], flatten([place], self._references))
            known = self.definitions[key]
        if isinstance(known, ObjectShape):
            self.definitions[key] = replace(known, event=True)
        return key

    def read(self, places: Sequence[Place], losses: list[Loss]) -> Type:
        """The type of a value for which all of `places` hold. Its losses go to `losses`, but for those of definitions."""
        named = False
        if len(places) == 1:
            place, named = self._follow(places[0])
            places = [place]
        key = key_of(places)
        if key in self.definitions:
            return Ref(key)
        if key in self._reading:
            self._wanted.add(key)
            return Ref(key)
        return self._define(key, places, named, losses)

    def _define(self, key: Key, places: Sequence[Place], named: bool, losses: list[Loss]) -> Type:
        self._reading.add(key)
        flat = flatten(places, self._references)
        own: list[Loss] = list(flat.losses)
        type_ = self._type(key, places, flat, own)
        self._reading.discard(key)
        if not self._deserves_a_name(key, type_, named):
            losses += own
            return type_
        if key not in self.definitions:
            self.definitions[key] = NamedType(key, places[0], _description(flat), type_, losses=tuple(own))
        return Ref(key)

    def _deserves_a_name(self, key: Key, type_: Type, named: bool) -> bool:
        if key in self.definitions:
            return False
        if key in self._wanted:
            return True
        if isinstance(type_, Union):
            return named or sum(isinstance(each, Ref) for each in type_.members) > 1
        return named and not isinstance(type_, AnyValue | Ref | Null | Boolean)

    def _follow(self, place: Place) -> tuple[Place, bool]:
        """Where a schema that is nothing but a reference leads in the end, and whether it is one."""
        seen: list[Place] = []
        while place not in seen:
            schema, _ = keywords(place)
            if "$ref" not in schema or not schema.keys() <= _ANNOTATIONS:
                break
            target = self._references.target(place)
            if target is None:
                break
            seen.append(place)
            place = target
        return place, bool(seen)

    def _type(self, key: Key, places: Sequence[Place], flat: Flat, losses: list[Loss]) -> Type:
        if flat.literals is not None:
            return scalars.literals(flat, places[0], losses)
        if flat.alternatives:
            return self._alternatives(key, places, flat, losses)
        return self._by_type(key, places, flat, losses)

    def _by_type(self, key: Key, places: Sequence[Place], flat: Flat, losses: list[Loss]) -> Type:
        if flat.types == EVERY_TYPE:
            if not flat.plain:
                losses.append(Loss(places[0], "type"))
            return AnyValue()
        members: list[Type] = []
        for name in ("boolean", "number", "integer", "string", "array", "object", "null"):
            if name in flat.types and not (name == "integer" and "number" in flat.types):
                members.append(self._one_type(name, key, places, flat, losses))
        return unions.union(members)

    def _one_type(self, name: str, key: Key, places: Sequence[Place], flat: Flat, losses: list[Loss]) -> Type:
        match name:
            case "null":
                return Null()
            case "boolean":
                return Boolean()
            case "integer":
                return scalars.integer(flat, places[0], losses)
            case "number":
                return scalars.number(flat, places[0], losses)
            case "string":
                return scalars.text(flat, places[0], losses)
            case "array":
                return self._array(flat, places[0], losses)
            case _:
                return self._map_or_object(key, places, flat, losses)

    def _array(self, flat: Flat, place: Place, losses: list[Loss]) -> Type:
        shortest, longest = flat.sizes.get("minItems"), flat.sizes.get("maxItems")
        if flat.first_items:
            return self._row(flat, place, losses)
        items = self.read(flat.items, losses) if flat.items else AnyValue()
        unique = flat.unique is not None and unions.scalar(items, self.definitions)
        if flat.unique and not unique:
            losses.append(Loss(flat.unique, "uniqueItems"))
        return Array(items, shortest, longest, unique)

    def _row(self, flat: Flat, place: Place, losses: list[Loss]) -> Type:
        if flat.unique:
            losses.append(Loss(flat.unique, "uniqueItems"))
        first = [self.read(each, losses) for each in flat.first_items]
        if _closed_row(flat, len(first)):
            return Row(tuple(first))
        losses.append(Loss(place, "prefixItems"))
        return Array(AnyValue(), flat.sizes.get("minItems"), flat.sizes.get("maxItems"))

    def _map_or_object(self, key: Key, places: Sequence[Place], flat: Flat, losses: list[Loss]) -> Type:
        if flat.properties or flat.required or flat.allowed is not None:
            self._object(key, places, flat)
            losses[:] = [each for each in losses if each not in flat.losses]
            return Ref(key)
        values = [self.read([each], losses) for each in flat.rest] or [AnyValue()]
        losses += [Loss(places[0], "additionalProperties")] * (len(values) > 1)
        return Map(values[0], flat.sizes.get("minProperties"), flat.sizes.get("maxProperties"))

    def _object(self, key: Key, places: Sequence[Place], flat: Flat) -> None:
        self._reading.add(key)
        losses = list(flat.losses)
        losses += [Loss(places[0], name) for name in ("minProperties", "maxProperties") if name in flat.sizes]
        losses += [Loss(place, "") for place in flat.rest]
        losses += [Loss(each.place, each.keyword) for each in flat.alternatives]
        fields = self._fields(flat, losses)
        closed = flat.allowed is not None and not flat.rest
        self.definitions[key] = ObjectShape(
            key, places[0], _description(flat), fields, closed, losses=tuple(dict.fromkeys(losses))
        )
        self._reading.discard(key)

    def _fields(self, flat: Flat, losses: list[Loss]) -> tuple[Field, ...]:
        properties = {name: places for name, places in flat.properties.items() if _allowed(flat, name)}
        for name in flat.required:
            if _allowed(flat, name):
                properties.setdefault(name, [])
        names, clashing = attributes(properties)
        self.problems += [_same_name(properties[each][0], each, names[each]) for each in clashing if properties[each]]
        return tuple(self._field(name, names[name], places, flat, losses) for name, places in properties.items())

    def _field(self, json_name: str, name: str, places: list[Place], flat: Flat, losses: list[Loss]) -> Field:
        type_ = self.read(places, losses) if places else AnyValue()
        notes = flatten(places, self._references).annotations if places else {}
        own = keywords(places[0])[0] if places else {}
        return Field(
            json_name,
            name,
            type_,
            required=json_name in flat.required,
            nullable=unions.nullable(type_, self.definitions),
            default=notes.get("default", MISSING),
            description=str(own.get("description", "")),
        )

    def _alternatives(self, key: Key, places: Sequence[Place], flat: Flat, losses: list[Loss]) -> Type:
        chosen, *others = flat.alternatives
        losses += [Loss(each.place, each.keyword) for each in others]
        if self._only_asserts(chosen):
            losses.append(Loss(chosen.place, chosen.keyword))
            flat.alternatives = []
            return self._by_type(key, places, flat, losses)
        alone = not others and self._adds_nothing(flat, chosen)
        branches = [self.read([each] if alone else [*places, each], losses) for each in chosen.branches]
        tag = _tag(flat.annotations.get("discriminator"))
        return unions.of(chosen, branches, tag, self.definitions, losses)

    def _only_asserts(self, alternatives: Alternatives) -> bool:
        """Whether the branches say nothing of what a value looks like, as in `anyOf: [{required: [a]}, {required: [b]}]`."""
        flats = [flatten([each], self._references) for each in alternatives.branches]
        return all(
            each.types == EVERY_TYPE and not each.properties and not each.items and each.literals is None
            and not each.alternatives and not each.rest
            for each in flats
        )  # fmt: skip

    def _adds_nothing(self, flat: Flat, chosen: Alternatives) -> bool:
        """Whether a value of one of the branches is a value of the whole."""
        if not flat.plain:
            return False
        return flat.types == EVERY_TYPE or all(
            flatten([each], self._references).types <= flat.types for each in chosen.branches
        )


def _allowed(flat: Flat, name: str) -> bool:
    return flat.allowed is None or name in flat.allowed


def _closed_row(flat: Flat, length: int) -> bool:
    """Whether an array has exactly the items that are listed one by one."""
    ends = flat.sizes.get("maxItems") == length or any(keywords(each)[1] == "false" for each in flat.items)
    return ends and flat.sizes.get("minItems", 0) == length


def _description(flat: Flat) -> str:
    return str(flat.annotations.get("description", ""))


def _tag(discriminator: Json) -> str | None:
    name = discriminator.get("propertyName") if isinstance(discriminator, dict) else None
    return name if isinstance(name, str) else None


def _same_name(place: Place, name: str, attribute: str) -> Problem:
    return Problem(
        place.where,
        "field-name-clash",
        f"the property {name!r} becomes the attribute {attribute}, as another one does",
        "rename one of the two",
    )
