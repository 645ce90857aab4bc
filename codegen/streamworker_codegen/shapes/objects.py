"""The fields of an object."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from streamworker_codegen.documents import Place
from streamworker_codegen.naming import attributes
from streamworker_codegen.problems import Problem
from streamworker_codegen.shapes.dialects import description, keywords
from streamworker_codegen.shapes.flat import Flat
from streamworker_codegen.shapes.flatten import References, flatten
from streamworker_codegen.shapes.types import MISSING, AnyValue, Field, Key, Loss, ObjectShape, Type, Union

Read: TypeAlias = Callable[[Sequence[Place], list[Loss]], Type]


@dataclass(frozen=True)
class Made:
    shape: ObjectShape
    problems: list[Problem]


class Objects:
    def __init__(self, read: Read, references: References) -> None:
        self._read = read
        self._references = references

    def shape(self, key: Key, places: Sequence[Place], flat: Flat, spread: bool) -> Made:
        """The class of an object. spread: whether the properties of its alternatives become fields of this one class."""
        losses = list(flat.losses)
        losses += [Loss(places[0], name) for name in ("minProperties", "maxProperties") if name in flat.sizes]
        losses += [Loss(each.place, each.keyword) for each in flat.alternatives]
        losses += [Loss(place, "required") for name, place in flat.required.items() if not flat.allows(name)]
        losses += [] if "object" in flat.types else [Loss(places[0], "type")]
        losses += [] if flat.literals is None else [Loss(places[0], "enum")]
        properties = {name: held for name, held in flat.properties.items() if flat.allows(name)}
        properties |= {name: [] for name in flat.required if flat.allows(name) and name not in properties}
        types = {name: self._read(held, losses) if held else AnyValue() for name, held in properties.items()}
        variants = self._variants(places, flat) if spread else []
        types |= self._possible(flat, types, variants, losses)
        required = flat.required.keys() | _required_in_all(variants)
        names, clashing = attributes(types)
        problems = [_same_name(properties.get(name) or places, name, names) for name in sorted(clashing)]
        fields = [
            self._field(name, names[name], type_, properties.get(name, []), name in required)
            for name, type_ in types.items()
        ]
        rest = self._rest(flat, losses)
        closed = flat.allowed is not None and not flat.rest
        unique = tuple(dict.fromkeys(losses))
        return Made(ObjectShape(key, flat.description, tuple(fields), closed, rest, losses=unique), problems)

    def _rest(self, flat: Flat, losses: list[Loss]) -> Type | None:
        """What holds for the properties that are not fields, where one schema alone says it, of all that are not."""
        if not flat.rest:
            return None
        place = flat.rest[0]
        beside = keywords(Place(place.document, place.pointer.rpartition("/")[0]))[0].get("properties", {})
        named = beside if isinstance(beside, dict) else {}
        fields = flat.properties.keys() | flat.required.keys()
        if len(flat.rest) > 1 or flat.patterned or flat.allowed is not None or not fields <= named.keys():
            losses += [Loss(each, "") for each in flat.rest]
            return None
        return self._read([place], losses)

    def _variants(self, places: Sequence[Place], flat: Flat) -> list[Flat]:
        """The alternatives of an event, which one class has to hold."""
        if len(flat.alternatives) != 1:
            return []
        return [flatten([*places, each], self._references) for each in flat.alternatives[0].branches]

    def _possible(
        self, flat: Flat, known: dict[str, Type], variants: list[Flat], losses: list[Loss]
    ) -> dict[str, Type]:
        """Properties that only alternatives name which the class does not tell apart. Any value may stand there, but where each
        alternative says which, or that none may."""
        types: dict[str, Type] = {
            name: AnyValue() for name in sorted(flat.possible) if flat.allows(name) and name not in known
        }
        for name in types:
            held = [each.properties.get(name) for each in variants if each.allows(name)]
            if held and all(held):
                types[name] = Union(tuple(self._read(each, losses) for each in held if each))
        if variants:
            alternatives = flat.alternatives[0]
            losses.append(
                Loss(alternatives.place, alternatives.keyword, "one class holds all alternatives of the event")
            )
        return types

    def _field(self, json_name: str, name: str, type_: Type, places: list[Place], required: bool) -> Field:
        said = [keywords(place)[0] for place in places]
        default = next((each["default"] for each in said if "default" in each), MISSING)
        described = next(filter(None, map(description, places)), "")
        return Field(json_name, name, type_, required, default, described)


def _required_in_all(variants: list[Flat]) -> set[str]:
    return set.intersection(*(set(each.required) for each in variants)) if variants else set()


def _same_name(places: Sequence[Place], name: str, names: Mapping[str, str]) -> Problem:
    others = " and ".join(repr(each) for each in sorted(names) if names[each] == names[name] and each != name)
    return Problem(
        places[0].where,
        "field-name-clash",
        f"the property {name!r} becomes the attribute {names[name]}, as {others} does",
        "rename one of the two",
    )
