"""Fields of an event, found through `$ref` and `allOf`: what a token, a key or an order goes by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce

from streamworker_codegen.dialects import DIALECTS
from streamworker_codegen.documents import Json, Place
from streamworker_codegen.json_types import type_of
from streamworker_codegen.pointers import child
from streamworker_codegen.registry import Registry

TYPES = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})


@dataclass(frozen=True)
class Field:
    """places: every schema that holds for its value. required: whether an event always has it."""

    places: tuple[Place, ...]
    required: bool


def find_field(registry: Registry, event: Place, dotted: str) -> Field | None:
    """The field of an event by its name, dotted where nested; None where the schema names none."""
    places: tuple[Place, ...] = (event,)
    required = True
    for name in dotted.split("."):
        around = all_of(registry, places)
        required = required and any(name in _required(registry, place) for place in around)
        places = tuple(_property(place, name) for place in around if name in properties(registry, place))
        if not places:
            return None
    return Field(places, required)


def field_names(registry: Registry, event: Place) -> list[str]:
    """The fields that the schemas of an event name, sorted."""
    return sorted({name for place in all_of(registry, [event]) for name in properties(registry, place)})


def all_of(registry: Registry, places: Iterable[Place]) -> list[Place]:
    """The schemas at `places`, and all that hold where they do: what they refer to, and the members of their `allOf`."""
    found: list[Place] = []
    waiting = list(places)
    while waiting:
        place = waiting.pop(0)
        if place not in found:
            found.append(place)
            waiting += _beside(registry, place)
    return found


def properties(registry: Registry, place: Place) -> dict[str, Json]:
    """The properties that the schema at a place names itself."""
    named = _keywords(registry, place).get("properties")
    return named if isinstance(named, dict) else {}


def is_open(registry: Registry, place: Place) -> bool:
    """Whether an object may have properties that no schema for it names."""
    closing = ("additionalProperties", "unevaluatedProperties")
    return not any(
        _keywords(registry, each).get(keyword) is False for each in all_of(registry, [place]) for keyword in closing
    )


def types(registry: Registry, places: Iterable[Place]) -> frozenset[str]:
    """The JSON types that a value may have for which all of `places` hold."""
    return reduce(_both, (_own_types(registry, place) for place in all_of(registry, places)), TYPES)


def literals(registry: Registry, place: Place) -> list[Json] | None:
    """The values that `const` or `enum` of the schema at a place leave; None where it has neither."""
    keywords = _keywords(registry, place)
    if "const" in keywords and DIALECTS[place.document.draft].id_keyword != "id":
        return [keywords["const"]]
    listed = keywords.get("enum")
    return listed if isinstance(listed, list) else None


def keyword(registry: Registry, place: Place, name: str) -> Json:
    """The value of a keyword of the schema at a place; None where it has none."""
    return _keywords(registry, place).get(name)


def _keywords(registry: Registry, place: Place) -> dict[str, Json]:
    """Without those that the dialect ignores beside `$ref`."""
    schema = registry.value(place)
    if not isinstance(schema, dict):
        return {}
    alone = DIALECTS[place.document.draft].lone_reference and "$ref" in schema
    return {"$ref": schema["$ref"]} if alone else schema


def _beside(registry: Registry, place: Place) -> Iterator[Place]:
    target = registry.target(place)
    if target:
        yield target
    members = _keywords(registry, place).get("allOf")
    for index, _ in enumerate(members if isinstance(members, list) else []):
        yield Place(place.document, child(place.pointer, "allOf", index))


def _required(registry: Registry, place: Place) -> list[Json]:
    listed = _keywords(registry, place).get("required")
    return listed if isinstance(listed, list) else []


def _property(place: Place, name: str) -> Place:
    return Place(place.document, child(place.pointer, "properties", name))


def _own_types(registry: Registry, place: Place) -> frozenset[str]:
    keywords = _keywords(registry, place)
    declared = keywords.get("type")
    listed = declared if isinstance(declared, list) else [declared]
    own = frozenset(str(each) for each in listed) if declared is not None else TYPES
    if (values := literals(registry, place)) is not None:
        own = _both(own, frozenset(_type_of(value) for value in values))
    for name in ("anyOf", "oneOf"):
        branches = keywords.get(name)
        if isinstance(branches, list):
            each = (
                types(registry, [Place(place.document, child(place.pointer, name, index))])
                for index in range(len(branches))
            )
            own = _both(own, frozenset().union(*each))
    return own


def _both(left: frozenset[str], right: frozenset[str]) -> frozenset[str]:
    """An integer is a number too."""
    common = left & right
    integers = (
        "integer" in left | right
        and ("number" in left or "integer" in left)
        and ("number" in right or "integer" in right)
    )
    return common | {"integer"} if integers else common


def _type_of(value: Json) -> str:
    return "integer" if isinstance(value, float) and value.is_integer() else type_of(value)
