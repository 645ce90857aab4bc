"""Unions that would take longer than anybody waits. Where two alternatives of a union hold that union again, each level of a value is tried
twice for every time that the level above is: a value of a hundred letters could keep a process busy for years. There any value may stand,
and the schema validator, which remembers what it has tried, judges it. So it is where unions within unions multiply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from streamworker_codegen.shapes.types import (
    AnyValue,
    Array,
    Definition,
    Key,
    Loss,
    Map,
    NamedType,
    ObjectShape,
    Ref,
    Row,
    Type,
    Union,
    references,
)
from streamworker_codegen.shapes.unions import kinds

_MOST: Final = 10_000
"""How often a part of a value may be tried."""
_WIDENED: Final = (
    "alternatives that hold each other: any value may stand deeper; tell them apart by a constant that each requires"
)


def bounded(definitions: Mapping[Key, Definition]) -> dict[Key, Definition]:
    """Definitions by which every value is read in reasonable time."""
    doubling = _Doubling(definitions)
    return {key: doubling.cut(each) if isinstance(each, ObjectShape) else each for key, each in definitions.items()}


class _Doubling:
    def __init__(self, definitions: Mapping[Key, Definition]) -> None:
        self._definitions = definitions
        self._reached: dict[Key, frozenset[Key]] = {}
        self._tries: dict[Key, int] = {}

    def cut(self, shape: ObjectShape) -> ObjectShape:
        """A class whose fields end where trying them would not."""
        types = [self._cut(each.type, shape) for each in shape.fields]
        rest = self._cut(shape.rest, shape) if shape.rest else None
        if rest == shape.rest and all(type_ == each.type for type_, each in zip(types, shape.fields, strict=True)):
            return shape
        fields = tuple(replace(each, type=type_) for type_, each in zip(types, shape.fields, strict=True))
        losses = (*shape.losses, Loss(shape.place, "", _WIDENED))
        return replace(shape, fields=fields, rest=None if rest == AnyValue() else rest, losses=losses)

    def _cut(self, type_: Type, owner: ObjectShape) -> Type:
        match type_:
            case Union() | Ref() if self._doubles(type_, owner.key) or self._of_type(type_) > _MOST:
                return AnyValue()
            case Array(items):
                return replace(type_, items=self._cut(items, owner))
            case Map(values):
                return replace(type_, values=self._cut(values, owner))
            case _:
                return type_

    def _doubles(self, type_: Type, around: Key) -> bool:
        """Whether two alternatives for one value, there or in the named types there, lead back to a definition."""
        if any(self._leads_twice(each, around) for each in _unions(type_)):
            return True
        named = [key for key in self._named(type_) if around in self._reach(key)]
        return any(self._leads_twice(each, key) for key in named for each in _unions(self._type(key)))

    def _leads_twice(self, union: Union, around: Key) -> bool:
        back = [each for each in union.members if any(around in self._reach(key) for key in references(each))]
        return any(sum(kind in kinds(each, self._definitions) for each in back) > 1 for kind in ("object", "array"))

    def _named(self, type_: Type) -> Iterator[Key]:
        """The named types that a type is made of, by named types alone."""
        found: set[Key] = set()
        waiting = list(references(type_))
        while waiting:
            key = waiting.pop()
            if key not in found and isinstance(self._definitions[key], NamedType):
                found.add(key)
                waiting += self._definitions[key].uses
                yield key

    def _type(self, key: Key) -> Type:
        definition = self._definitions[key]
        assert isinstance(definition, NamedType)
        return definition.type

    def _reach(self, key: Key) -> frozenset[Key]:
        """All that a definition is made of, itself included."""
        if key not in self._reached:
            found: set[Key] = set()
            waiting = [key]
            while waiting:
                each = waiting.pop()
                if each not in found:
                    found.add(each)
                    waiting += self._definitions[each].uses
            self._reached[key] = frozenset(found)
        return self._reached[key]

    def _of_definition(self, key: Key) -> int:
        """How often a part of its values may be tried; what is cut counts once, and so does what is being counted."""
        if key not in self._tries:
            self._tries[key] = 1
            found = [self._of_type(each) for each in self._definitions[key].types]
            of_class = isinstance(self._definitions[key], ObjectShape)
            self._tries[key] = max([1, *(each for each in found if each <= _MOST or not of_class)])
        return self._tries[key]

    def _of_type(self, type_: Type) -> int:
        match type_:
            case Ref(key):
                return self._of_definition(key)
            case Array(items) | Map(items):
                return self._of_type(items)
            case Row(items):
                return max(map(self._of_type, items), default=1)
            case Union(members, tag):
                found = [self._of_type(each) for each in members if set(references(each))]
                return (sum(found) if tag is None else max(found, default=1)) or 1
            case _:
                return 1


def _unions(type_: Type) -> Iterator[Union]:
    """The unions in a type whose members are told apart by trial."""
    match type_:
        case Union(members, tag):
            if tag is None:
                yield type_
            for each in members:
                yield from _unions(each)
        case Array(inner) | Map(inner):
            yield from _unions(inner)
        case Row(items):
            for each in items:
                yield from _unions(each)
        case _:
            return
