"""Random schemas of events, of every keyword that shapes read: seeded, so that a failing one can be made again."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from random import Random

from streamworker_codegen.documents import Json

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NAMES = ("a", "b", "kind", "type", "c")
_TAGS = ("on", "off", "a", "AB")
_DEFINITIONS = ("d0", "d1", "d2")

_SCALARS: list[Json] = json.loads(r"""[
    {"type": "string"}, {"type": "string", "maxLength": 2}, {"type": "string", "minLength": 2}, {"minLength": 1},
    {"type": "string", "pattern": "^a"}, {"type": "string", "pattern": "[0-9]+$"}, {"type": "string", "pattern": "\\d"},
    {"type": "string", "format": "uuid"}, {"type": "string", "format": "uri"}, {"type": "string", "format": "date"},
    {"type": "integer", "minimum": 1}, {"type": "integer", "maximum": 99.5}, {"type": "number", "exclusiveMinimum": 0.5},
    {"type": "integer", "multipleOf": 2}, {"type": "number", "multipleOf": 0.5}, {"minimum": 3}, {"type": "boolean"},
    {"type": "null"}, {"type": ["integer", "null"]}, {"type": ["string", "integer"], "minLength": 1, "minimum": 2},
    {"const": "on"}, {"const": 1}, {"const": null}, {"enum": ["a", "on", null]}, {"enum": [1, true, "a", 2.5]},
    {}, true, true, false
]""")
_OBJECTS: list[Json] = json.loads(
    '["object", "object", "object", "object", "object", ["object", "null"], ["object", "string"]]'
)
_ARRAYS: list[Json] = json.loads('["array", "array", ["array", "null"]]')

Schema = dict[str, Json]


class RandomSchemas:
    def __init__(self, random: Random) -> None:
        self._random = random

    def event(self, title: str) -> Schema:
        body = self._object(3)
        if self._chance(0.3):
            body["allOf"] = self._variants(2)
        if self._chance(0.15):
            body["oneOf"] = self._variants(2)
        definitions: Schema = {name: self._schema(2) for name in _DEFINITIONS}
        return {"$schema": DIALECT, "title": title, "$defs": definitions, **body, "type": "object"}

    def _schema(self, depth: int) -> Json:
        if depth <= 0:
            return self._scalar() if self._chance(0.7) else self._reference()
        schema = self._pick(
            (self._scalar, 3),
            (lambda: self._object(depth), 3),
            (lambda: self._array(depth), 1),
            (self._reference, 1),
            (dict, 2),
        )
        if not isinstance(schema, dict):
            return schema
        if self._chance(0.35 if not schema else 0.12):
            schema[self._random.choice(["allOf", "anyOf", "oneOf"])] = self._variants(depth - 1)
        if self._chance(0.05):
            schema["enum"] = self._random.sample(["a", "on", "AB", None, 1, True, {"a": 1}], 3)
        return schema

    def _variants(self, depth: int) -> list[Json]:
        """Some of them told apart by a constant."""
        return [
            self._tagged(depth) if self._chance(0.4) else self._schema(depth) for _ in range(self._random.randint(1, 3))
        ]

    def _tagged(self, depth: int) -> Schema:
        tag = self._random.choice(["kind", "type"])
        schema = self._object(max(depth, 1))
        properties = schema.setdefault("properties", {})
        assert isinstance(properties, dict)
        properties[tag] = (
            {"const": self._random.choice(_TAGS)} if self._chance(0.8) else {"enum": self._random.sample(_TAGS, 2)}
        )
        return {**schema, "type": "object", "required": [tag]}

    def _object(self, depth: int) -> Schema:
        names = self._random.sample(_NAMES, self._random.randint(0, 4))
        schema: Schema = {"properties": {name: self._schema(depth - 1) for name in names}} if names else {}
        if self._chance(0.93):
            schema["type"] = self._random.choice(_OBJECTS)
        if names and self._chance(0.6):
            schema["required"] = list(self._random.sample(names, self._random.randint(0, len(names))))
        for keyword, chance, value in self._restrictions(depth):
            if self._chance(chance):
                schema[keyword] = value()
        return schema

    def _restrictions(self, depth: int) -> list[tuple[str, float, Callable[[], Json]]]:
        return [
            ("additionalProperties", 0.35, lambda: False),
            ("additionalProperties", 0.1, lambda: self._schema(depth - 1)),
            ("unevaluatedProperties", 0.1, lambda: False),
            ("unevaluatedProperties", 0.05, lambda: self._schema(depth - 1)),
            ("minProperties", 0.05, lambda: 1),
            ("patternProperties", 0.05, lambda: {"^x-": self._schema(depth - 1)}),
            ("dependentRequired", 0.04, lambda: {"a": ["b"]}),
            ("dependentSchemas", 0.04, lambda: {"a": self._schema(depth - 1)}),
            ("propertyNames", 0.04, lambda: {"maxLength": 3}),
            ("if", 0.05, lambda: {"required": ["a"]}),
            ("then", 0.03, lambda: self._schema(depth - 1)),
            ("not", 0.05, lambda: {"required": ["c"]}),
        ]

    def _array(self, depth: int) -> Schema:
        schema: Schema = {"type": self._random.choice(_ARRAYS), "items": self._schema(depth - 1)}
        if self._chance(0.2):
            first = [self._schema(depth - 1) for _ in range(self._random.randint(1, 2))]
            items = self._random.choice([False, schema["items"]])
            schema |= {"prefixItems": first, "minItems": len(first), "items": items}
        asserted: list[tuple[str, float, Json]] = [
            ("contains", 0.05, {"type": "integer"}),
            ("minItems", 0.2, 1),
            ("maxItems", 0.2, 2),
            ("uniqueItems", 0.3, True),
        ]
        for keyword, chance, value in asserted:
            if self._chance(chance):
                schema[keyword] = value
        return schema

    def _reference(self) -> Schema:
        return {"$ref": f"#/$defs/{self._random.choice(_DEFINITIONS)}"}

    def _scalar(self) -> Json:
        return deepcopy(self._random.choice(_SCALARS))

    def _pick(self, *weighted: tuple[Callable[[], Json], int]) -> Json:
        (chosen,) = self._random.choices([make for make, _ in weighted], [weight for _, weight in weighted])
        return chosen()

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability
