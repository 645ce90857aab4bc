"""Instances for a schema, mostly valid and sometimes nearly: what a property test feeds to a model and to the schema validator."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from random import Random

from streamworker_codegen.documents import Json, Place
from streamworker_codegen.registry import Registry
from streamworker_codegen.shapes.dialects import Schema, keywords, step

_NUMBERS: Sequence[Json] = [0, 1, -1, 2, 5, 7, 50, 99, 100, 0.5, 1.0, 5.0, -0.0, 1e17, 2**70, 10**25]
_TEXTS: Sequence[str] = [
    *(
        "",
        "a",
        "on",
        "off",
        "AB12",
        "AB",
        "12",
        "１２",
        "é",
        "🎉🎉",
        "x" * 70,
        "line\nbreak",
        "名前",
        "0123456789abcdef",
    ),
    *("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000+09:00", "2026-13-02T03:04:05Z", "2026-01-02", "2026-02-30"),
    *(
        "http://a.invalid/b",
        "no uri",
        "0e37df36-f698-11e6-8dd4-cb9ced3df976",
        "host.invalid",
        "a" * 32,
        "0" * 64,
        "A" * 32,
    ),
]
_BY_FORMAT = {
    "date-time": "2026-01-02T03:04:05.000Z",
    "uuid": "0e37df36-f698-11e6-8dd4-cb9ced3df976",
    "uri": "http://a.invalid/b",
}
_ANYTHING: Sequence[Json] = [None, True, False, [], {}, [1], {"a": 1}, *_NUMBERS, *_TEXTS]
_OTHER_NAMES = ("x-1", "other", "is_main", "name", "received_at", "")


class Instances:
    """Seeded: the same seed makes the same instances."""

    def __init__(self, registry: Registry, random: Random) -> None:
        self._registry = registry
        self._random = random

    def of(self, place: Place, depth: int = 5) -> Json:
        """A value that looks as the schema says; one in thirty anything at all."""
        if depth == 0 or self._random.random() < 0.03:
            return self._random.choice(_ANYTHING)
        schema, _ = keywords(place)
        if "enum" in schema or "const" in schema:
            return self._random.choice([*_list(schema.get("enum", [schema.get("const")])), True] * 3 + [1, 1.0])
        parts = [self.of(each, depth) for each in self._applied(place, schema)]
        if not parts or "properties" in schema or "type" in schema:
            parts.append(self._own(place, schema, depth))
        return _together(parts)

    def _applied(self, place: Place, schema: Schema) -> list[Place]:
        """The schemas that hold as well: what it refers to, all of `allOf`, one of each choice."""
        target = self._registry.target(place)
        applied = [target] if target else []
        applied += [step(place, "allOf", index) for index in range(len(_list(schema.get("allOf"))))]
        for keyword in ("oneOf", "anyOf"):
            if branches := _list(schema.get(keyword)):
                applied.append(step(place, keyword, self._random.randrange(len(branches))))
        return applied

    def _own(self, place: Place, schema: Schema, depth: int) -> Json:
        named = schema.get("type", "object" if "properties" in schema else "")
        match self._random.choice(named) if isinstance(named, list) and named else named:
            case "object":
                return self._object(place, schema, depth)
            case "array":
                return self._array(place, schema, depth)
            case "null":
                return None
            case "boolean":
                return self._random.random() < 0.5
            case "integer" | "number":
                return self._number(schema)
            case "string":
                return self._text(schema)
            case _:
                return self._random.choice(_ANYTHING)

    def _number(self, schema: Schema) -> Json:
        bounds = [value for name, value in schema.items() if name.endswith("imum") and type(value) in (int, float)]
        near = [bound + offset for bound in bounds if isinstance(bound, int | float) for offset in (-1, 0, 1)]
        return self._random.choice([*_NUMBERS, *near * 3])

    def _text(self, schema: Schema) -> Json:
        fitting = [_BY_FORMAT[str(schema["format"])]] if schema.get("format") in _BY_FORMAT else list(_TEXTS)
        if "pattern" in schema:
            fitting = [each for each in _TEXTS if re.search(str(schema["pattern"]), each)]
        return self._random.choice(fitting if fitting and self._random.random() < 0.9 else _TEXTS)

    def _object(self, place: Place, schema: Schema, depth: int) -> Json:
        required = _list(schema.get("required"))
        made: dict[str, Json] = {}
        often = self._random.choice((0.0, 0.2, 0.7))
        for name in _object(schema.get("properties")):
            if self._random.random() < (0.97 if name in required else often):
                made[name] = self.of(step(place, "properties", name), depth - 1)
        while self._random.random() < 0.2:
            made[self._random.choice(_OTHER_NAMES)] = self._rest(place, schema, "additionalProperties", depth)
        return made

    def _array(self, place: Place, schema: Schema, depth: int) -> Json:
        first = len(_list(schema.get("prefixItems")))
        rows = [self.of(step(place, "prefixItems", index), depth - 1) for index in range(first)]
        more = self._random.choice([0, 0, 0, 1]) if first else self._random.randrange(4)
        return rows + [self._rest(place, schema, "items", depth) for _ in range(more)]

    def _rest(self, place: Place, schema: Schema, keyword: str, depth: int) -> Json:
        if isinstance(schema.get(keyword), dict):
            return self.of(step(place, keyword), depth - 1)
        return self._random.choice(_ANYTHING)


def _together(values: Sequence[Json]) -> Json:
    """Objects merged, as they have to be to satisfy all; else the last value."""
    objects = [each for each in values if isinstance(each, dict)]
    if len(objects) == len(values):
        return {name: value for each in objects for name, value in each.items()}
    return values[-1]


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _object(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}
