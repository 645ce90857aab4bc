"""Schema -> shape: every schema that an event is made of becomes a type or a definition, and what a model can't hold is noted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from streamworker_codegen.documents import Place
from streamworker_codegen.problems import Problem
from streamworker_codegen.shapes import scalars, unions
from streamworker_codegen.shapes.dialects import keywords
from streamworker_codegen.shapes.flat import EVERY_TYPE, Alternatives, Flat
from streamworker_codegen.shapes.flatten import References, flatten
from streamworker_codegen.shapes.objects import Objects
from streamworker_codegen.shapes.types import (
    AnyValue,
    Array,
    Boolean,
    Choice,
    Definition,
    Key,
    Loss,
    Map,
    NamedType,
    Nothing,
    Null,
    ObjectShape,
    Ref,
    Row,
    Type,
    Union,
)

# Beside a `$ref`, these say nothing of the value.
_ANNOTATIONS: Final = frozenset(
    {"$ref", "$comment", "$id", "$schema", "$anchor", "$defs", "definitions"}
    | {"title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"}
)
_DEEPEST: Final = 30  # arrays, maps and unions that stand within each other
_MOST_TOGETHER: Final = (
    500  # sets of schemas that hold together, in one event: they could be as many as there are subsets
)
_TOO_MANY: Final = "too many combinations of alternatives: any value may stand here; let fewer stand in one `allOf`"
_TYPES: Final = ("boolean", "number", "integer", "string", "array", "object", "null")


class Reader:
    """Reads schemas into `definitions`, each once. What a reference leads to waits until what refers to it is read."""

    def __init__(self, references: References) -> None:
        self.definitions: dict[Key, Definition] = {}
        self.problems: list[Problem] = []
        self.asked: dict[Key, bool] = {}  # of the definitions that were asked for, whether they were there at first
        self._references = references
        self._waiting: list[tuple[Key, Place]] = []
        self._objects: dict[Key, tuple[Sequence[Place], Flat]] = {}  # what waits for its fields to be read
        self._claimed: set[Key] = set()  # all objects, as soon as they are known
        self._reading: dict[Key, None] = {}  # by depth
        self._needs_name: set[Key] = set()
        self._together = 0

    def event(self, place: Place) -> Key:
        """Read a whole event or value, and all that it is made of. One that is nothing but a reference is a type of its own."""
        key = Key((place,))
        self._together = 0
        if not isinstance(self.definitions.get(key), ObjectShape):
            self._claimed.add(key)
            self._object(key, [place], flatten([place], self._references), spread=True)
        while self._waiting or self._objects:
            self._read_on()
        shape = self.definitions[key]
        assert isinstance(shape, ObjectShape)
        self.definitions[key] = replace(shape, event=True)
        return key

    def read(self, places: Sequence[Place], losses: list[Loss]) -> Type:
        """The type of a value for which all of `places` hold. Its losses go to `losses`, but for those of definitions."""
        if len(places) == 1:
            place, referred = self._follow(places[0])
            key = Key((place,))
            if referred:
                self._waiting.append((key, place))
                return Ref(key)
        key = Key(tuple(places))
        if self._is_defined(key):
            return Ref(key)
        if key in self._reading:
            self._needs_name.add(key)
            return Ref(key)
        if len(self._reading) > _DEEPEST:
            losses.append(
                Loss(places[0], "", "too deep within other types: any value may stand here; name it in `$defs`")
            )
            return AnyValue()
        return self._inline(key, places, losses)

    def _is_defined(self, key: Key) -> bool:
        found = key in self.definitions or key in self._claimed
        self.asked.setdefault(key, found)
        return found

    def _read_on(self) -> None:
        """One of what waits. Objects are read apart, so that schemas may nest deeper than calls."""
        if self._objects:
            key, (places, flat) = self._objects.popitem()
            self._object(key, places, flat)
            return
        key, place = self._waiting.pop()
        if not self._is_defined(key):
            type_, flat, losses = self._read_type(key, [place])
            if not self._is_defined(key):
                self._name(key, flat, type_, losses)

    def _inline(self, key: Key, places: Sequence[Place], losses: list[Loss]) -> Type:
        type_, flat, own = self._read_type(key, places)
        if self._is_defined(key):
            return Ref(key)
        if key in self._needs_name or _of_definitions(type_):
            return self._name(key, flat, type_, own)
        losses += own
        return type_

    def _name(self, key: Key, flat: Flat, type_: Type, losses: Iterable[Loss]) -> Ref:
        self.definitions[key] = NamedType(key, flat.description, type_, losses=tuple(dict.fromkeys(losses)))
        return Ref(key)

    def _read_type(self, key: Key, places: Sequence[Place]) -> tuple[Type, Flat, list[Loss]]:
        self._reading[key] = None
        flat = flatten(places, self._references)
        losses = list(flat.losses)
        type_ = self._type(key, places, flat, losses)
        del self._reading[key]
        return type_, flat, losses

    def _follow(self, place: Place) -> tuple[Place, bool]:
        """Where a schema that is nothing but a reference leads in the end, and whether it is one."""
        seen: list[Place] = []
        while place not in seen:
            schema, _ = keywords(place)
            target = self._references.target(place) if "$ref" in schema and schema.keys() <= _ANNOTATIONS else None
            if target is None:
                break
            seen.append(place)
            place = target
        return place, bool(seen)

    def _type(self, key: Key, places: Sequence[Place], flat: Flat, losses: list[Loss]) -> Type:
        if flat.literals is not None:
            losses += [Loss(each.place, each.keyword) for each in flat.alternatives]
            return scalars.literals(flat, places[0], losses)
        if flat.alternatives:
            return self._alternatives(key, places, flat, losses)
        return self._by_type(key, places, flat, losses)

    def _by_type(self, key: Key, places: Sequence[Place], flat: Flat, losses: list[Loss]) -> Type:
        if not flat.types:
            return Nothing(places[0])
        if flat.types == EVERY_TYPE:
            if not flat.plain:
                losses.append(Loss(places[0], "type", "`type` is not said, so any JSON value may stand here; say it"))
            return AnyValue()
        names = [name for name in _TYPES if name in flat.types and not (name == "integer" and "number" in flat.types)]
        return unions.union([self._one_type(name, key, places, flat, losses) for name in names])

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
        sizes = flat.sizes.get("minItems"), flat.sizes.get("maxItems")
        if not flat.first_items:
            items = self.read(flat.items, losses) if flat.items else AnyValue()
            return Array(items, *sizes, flat.unique)
        first = [self.read(each, losses) for each in flat.first_items]
        if flat.unique:
            losses.append(Loss(flat.unique, "uniqueItems"))
        if flat.lists > 1:
            losses.append(Loss(place, "items"))
        if _closed_row(flat, len(first)):
            return Row(tuple(first))
        losses.append(Loss(place, "prefixItems", "the items may be of any type; say `minItems` and `items: false`"))
        return Array(AnyValue(), *sizes)

    def _map_or_object(self, key: Key, places: Sequence[Place], flat: Flat, losses: list[Loss]) -> Type:
        if flat.properties or flat.required or flat.allowed is not None:
            own = key if flat.types == {"object"} else key._replace(part="object")
            if not self._is_defined(own):
                self._claimed.add(own)
                self._objects[own] = places, flat
            losses[:] = [each for each in losses if each not in flat.losses]
            return Ref(own)
        if flat.only_patterned:
            values: Type = Union(tuple(self.read([each], losses) for each in flat.patterned))
        else:
            held = [self.read([each], losses) for each in flat.rest if not flat.patterned]
            losses += [Loss(places[0], "additionalProperties")] * (len(flat.rest) > 1)
            values = held[0] if held else AnyValue()
        return Map(values, flat.sizes.get("minProperties"), flat.sizes.get("maxProperties"))

    def _object(self, key: Key, places: Sequence[Place], flat: Flat, spread: bool = False) -> None:
        made = Objects(self.read, self._references).shape(key, places, flat, spread)
        self.problems += made.problems
        self.definitions[key] = made.shape

    def _alternatives(self, key: Key, places: Sequence[Place], flat: Flat, losses: list[Loss]) -> Type:
        chosen, *others = flat.alternatives
        losses += [Loss(each.place, each.keyword) for each in others]
        if self._only_asserts(chosen):
            lost = Loss(chosen.place, chosen.keyword)
            losses.append(lost)
            return self._by_type(key, places, replace(flat, alternatives=[], losses=[*flat.losses, lost]), losses)
        alone = not others and self._adds_nothing(flat, chosen)
        self._together += 0 if alone else len(chosen.branches)
        if self._together > _MOST_TOGETHER:
            losses.append(Loss(chosen.place, chosen.keyword, _TOO_MANY))
            return AnyValue()
        branches = [self.read([each] if alone else [*places, each], losses) for each in chosen.branches]
        return Union(tuple(branches), choice=Choice(chosen.keyword, chosen.place, flat.tag))

    def _only_asserts(self, alternatives: Alternatives) -> bool:
        """Whether the branches say nothing of what a value looks like, as in `anyOf: [{required: [a]}, {required: [b]}]`."""
        return all(not flatten([each], self._references).tells_types for each in alternatives.branches)

    def _adds_nothing(self, flat: Flat, chosen: Alternatives) -> bool:
        """Whether a value of one of the branches is a value of the whole."""
        if not flat.plain:
            return False
        return flat.types == EVERY_TYPE or all(
            flatten([each], self._references).types <= flat.types for each in chosen.branches
        )


def _of_definitions(type_: Type) -> bool:
    """Whether a type is a union that handlers will want to name."""
    return isinstance(type_, Union) and sum(isinstance(each, Ref) for each in type_.members) > 1


def _closed_row(flat: Flat, length: int) -> bool:
    """Whether an array has exactly the items that are listed one by one."""
    ends = flat.sizes.get("maxItems") == length or any(keywords(each)[1] == "false" for each in flat.items)
    return ends and flat.sizes.get("minItems", 0) == length <= flat.sizes.get("maxItems", length)
