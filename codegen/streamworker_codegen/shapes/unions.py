"""Unions: of what, told apart by which property, and whether at most one member can hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final

from streamworker_codegen.shapes.flat import EVERY_TYPE
from streamworker_codegen.shapes.types import (
    AnyValue,
    Array,
    Boolean,
    Definition,
    Float,
    Integer,
    Key,
    Literals,
    Map,
    NamedType,
    Nothing,
    Null,
    ObjectShape,
    Ref,
    Row,
    Text,
    Timestamp,
    Type,
    Union,
)

_USUAL_TAGS: Final = ("type", "kind")
Definitions = Mapping[Key, Definition]
_NONE_KNOWN: Final[Definitions] = {}


def union(members: Sequence[Type], definitions: Definitions = _NONE_KNOWN) -> Type:
    """The union of `members`, unions within it dissolved. What would write values of others, too, stands behind them, since a value is
    written by the first that takes it, and null last."""
    if len(members) == 1 and not isinstance(members[0], Nothing | Union):
        return members[0]
    flat = list(
        dict.fromkeys(each for member in members for each in _dissolved(member) if not isinstance(each, Nothing))
    )
    if any(isinstance(each, AnyValue) for each in flat) or not flat:
        return AnyValue()
    flat.sort(key=lambda each: (isinstance(each, Null), _holds_any(each, definitions)))
    return flat[0] if len(flat) == 1 else Union(tuple(flat))


def _holds_any(type_: Type, definitions: Definitions, within: tuple[Key, ...] = ()) -> bool:
    """Whether values of no declared type stand in its arrays and maps: those would take the timestamps of others."""
    match type_:
        case AnyValue():
            return True
        case Array(inner) | Map(inner):
            return _holds_any(inner, definitions, within)
        case Row(items) | Union(items):
            return any(_holds_any(each, definitions, within) for each in items)
        case Ref(key) if key not in within and isinstance(named := definitions.get(key), NamedType):
            return _holds_any(named.type, definitions, (*within, key))
        case _:
            return False


def tagged(members: Sequence[Type], tag: str, definitions: Definitions) -> Type:
    """The union of members of which the objects are told apart by the property `tag`; by trial, where its attribute is not one."""
    flat = [each for member in members for each in _dissolved(member)]
    objects = [each for each in flat if kinds(each, definitions) == {"object"}]
    others = [each for each in flat if each not in objects]
    if any("object" in kinds(each, definitions) for each in others):
        return union(members, definitions)
    shapes = [shape for each in objects for shape in _objects(each, definitions) if shape]
    attributes = {field.name for shape in shapes for field in shape.fields if field.json_name == tag}
    if len(attributes) != 1:
        return union(members, definitions)
    return union([Union(tuple(objects), attributes.pop()), *others], definitions)


def nullable(type_: Type, definitions: Definitions) -> bool:
    return "null" in kinds(type_, definitions)


def kinds(type_: Type, definitions: Definitions) -> frozenset[str]:
    """The types, in JSON Schema's sense, of the values of a type."""
    match type_:
        case Nothing():
            return frozenset()
        case Null():
            return frozenset({"null"})
        case Boolean():
            return frozenset({"boolean"})
        case Integer():
            return frozenset({"integer"})
        case Float():
            return frozenset({"integer", "number"})
        case Text() | Timestamp():
            return frozenset({"string"})
        case Array() | Row():
            return frozenset({"array"})
        case Map():
            return frozenset({"object"})
        case AnyValue():
            return EVERY_TYPE
        case Literals(values):
            return frozenset(_LITERAL_KINDS[type(value)] for value in values)
        case Union(members):
            return frozenset().union(*(kinds(each, definitions) for each in members))
        case Ref(key):
            return _kinds_of(definitions.get(key), definitions)


def scalar(type_: Type, definitions: Definitions) -> bool:
    """Whether a type has neither arrays nor objects."""
    return not kinds(type_, definitions) & {"array", "object"}


def find_tag(members: Sequence[Type], hint: str | None, definitions: Definitions) -> str | None:
    """The property whose text tells apart all objects among `members`: required in each, and of another constant in each."""
    held = [list(_objects(each, definitions)) for each in members]
    objects = [shape for each in held for shape in each]
    if sum(map(bool, held)) < 2 or any(shape is None for shape in objects):
        return None
    tags = [tag_values(shape) for shape in objects if shape is not None]
    shared = [name for name in tags[0] if all(name in each for each in tags)]
    ranked = sorted(shared, key=lambda name: (name != hint, name not in _USUAL_TAGS, name))
    return next((name for name in ranked if _apart([each[name] for each in tags])), None)


def tag_values(shape: ObjectShape) -> dict[str, frozenset[str]]:
    """The properties that always hold one of some texts."""
    return {
        each.json_name: frozenset(value for value in each.type.values if isinstance(value, str))
        for each in shape.fields
        if each.required and isinstance(each.type, Literals) and all(isinstance(v, str) for v in each.type.values)
    }


_LITERAL_KINDS: Final = {str: "string", int: "integer", bool: "boolean", type(None): "null"}


def _kinds_of(definition: Definition | None, definitions: Definitions) -> frozenset[str]:
    match definition:
        case ObjectShape():
            return frozenset({"object"})
        case NamedType(type=type_):
            return kinds(type_, definitions)
        case _:
            return EVERY_TYPE  # still being read: it may be anything


def _dissolved(type_: Type) -> Iterator[Type]:
    if isinstance(type_, Union) and type_.tag is None and type_.choice is None:
        yield from type_.members
    else:
        yield type_


def _objects(type_: Type, definitions: Definitions) -> Iterator[ObjectShape | None]:
    """The objects among the values of a type; None for one that is unknown."""
    match type_:
        case Ref(key):
            definition = definitions.get(key)
            if isinstance(definition, NamedType):
                yield from _objects(definition.type, definitions)
            else:
                yield definition if isinstance(definition, ObjectShape) else None
        case Union(members):
            for member in members:
                yield from _objects(member, definitions)
        case Map() | AnyValue():
            yield None
        case _:
            return


def exclusive(members: Sequence[Type], tag: str | None, definitions: Definitions) -> bool:
    """Whether no value is of two of `members`."""
    shapes = [kinds(each, definitions) for each in members]
    if tag is not None:
        shapes = [each - {"object"} for each in shapes]
    return all(not (one & other) for one, other in combinations(shapes, 2)) and len(set(members)) == len(members)


def _apart(values: Sequence[frozenset[str]]) -> bool:
    return sum(map(len, values)) == len(frozenset().union(*values))
