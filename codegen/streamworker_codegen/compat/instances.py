"""Messages made up from a plain schema: valid as a rule, at the edges of what it says, with fields that it does not name, and with what
the other version of it speaks of. The same seed makes the same messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from streamworker_codegen.compat.hints import Hints, number
from streamworker_codegen.compat.texts import ODD, fitted, formatted, matching
from streamworker_codegen.documents import Json
from streamworker_codegen.pointers import steps
from streamworker_codegen.shapes.dialects import Schema
from streamworker_codegen.shapes.keywords import listed, mapped

_TYPES: Final = ("object", "array", "string", "integer", "number", "boolean", "null")
_ODD: Final[Sequence[Json]] = (None, True, False, 0, 1, -1, 1.0, 0.5, 10**12, [], {}, [None], {"x": 1}, *ODD)
_UNKNOWN: Final = ("x", "x-1", "other", "a_b")
_DEEPEST: Final = 7
_HOPELESS: Final = 25  # of a schema whose values never end


class Instances:
    """Of one schema; hints: of it and the other."""

    def __init__(self, schema: Json, hints: Hints, random: Random) -> None:
        self._root = schema
        self._hints = hints
        self._random = random
        self._often = 0.5
        self._oddity = 0.0
        self._strange = (*_ODD, *hints.values)

    def one(self) -> Json:
        self._often = self._random.choice((0.0, 0.5, 0.5, 1.0))
        self._oddity = self._random.choice((0.0, 0.0, 0.02, 0.1))
        return self.of([self._root], 0)

    def of(self, schemas: Sequence[Json], depth: int) -> Json:
        """A value for which all of `schemas` hold, as far as can be told."""
        if depth > _HOPELESS or (depth and self._random.random() < self._oddity):
            return self._odd()
        parts = [part for schema in schemas for part in self._parts(schema)]
        options = _options(parts)
        if options:
            return self._random.choice(options)
        kinds = _kinds(parts)
        if not kinds or (not parts and depth):
            return self._odd()
        kind = self._random.choice(kinds)
        match "null" if depth > _DEEPEST and "null" in kinds else kind:
            case "object":
                return self._object(parts, depth)
            case "array":
                return self._array(parts, depth)
            case "string":
                return self._text(parts)
            case "integer" | "number" as name:
                return self._number(parts, whole=name == "integer")
            case "boolean":
                return self._random.random() < 0.5
            case _:
                return None

    def _odd(self) -> Json:
        return self._random.choice(self._strange)

    def _parts(self, schema: Json, depth: int = 0) -> Iterator[Schema]:
        """All that holds together, with one of each choice."""
        if not isinstance(schema, dict) or depth > 20:
            return
        yield schema
        applied = listed(schema.get("allOf"))
        for choice in ("anyOf", "oneOf"):
            if branches := listed(schema.get(choice)):
                applied = [*applied, self._random.choice(branches)]
        if "if" in schema:
            holds = self._random.random() < 0.5
            applied = [*applied, *([schema["if"], schema.get("then")] if holds else [schema.get("else")])]
        for name, each in mapped(schema.get("dependentSchemas")).items():
            beside: Schema = {"required": [name]}
            applied = [*applied, *([each, beside] if self._random.random() < 0.5 else [])]
        if isinstance(reference := schema.get("$ref"), str):
            applied = [*applied, self._definition(reference)]
        for each in applied:
            yield from self._parts(each, depth + 1)

    def _definition(self, reference: str) -> Json:
        definitions = self._root.get("$defs") if isinstance(self._root, dict) else None
        name = steps(reference[1:])[-1:] or [""]
        return mapped(definitions).get(name[0], True)

    def _object(self, parts: list[Schema], depth: int) -> Json:
        required = {str(name): None for part in parts for name in listed(part.get("required"))}
        named = {name: None for part in parts for name in mapped(part.get("properties"))}
        often = self._often if depth <= _DEEPEST else 0.0
        names = [*required, *(name for name in named if name not in required and self._random.random() < often)]
        names += [str(other) for part in parts for each in names for other in _asked_beside(part, each)]
        crowd = self._random.choice(self._hints.crowds) if self._random.random() < 0.2 else 0
        while len(names) < max(self._least(parts, "minProperties", 40), crowd):
            names.append(self._other_name(parts, len(names)))
        more = 0.3 if named else 0.6
        while depth <= _DEEPEST and self._random.random() < more:
            names.append(self._other_name(parts, 0))
        return {name: self.of(_for_property(parts, name), depth + 1) for name in dict.fromkeys(names)}

    def _other_name(self, parts: list[Schema], count: int) -> str:
        patterns = [pattern for part in parts for pattern in mapped(part.get("patternProperties"))]
        rules = [part["propertyNames"] for part in parts if "propertyNames" in part]
        if rules and self._random.random() < 0.7:
            named = self.of([{"type": "string"}, *rules], _DEEPEST)
            return str(named)
        if patterns and self._random.random() < 0.6:
            return matching(self._random.choice(patterns), self._random) or "x"
        likely = self._hints.names if self._hints.names and self._random.random() < 0.7 else _UNKNOWN
        name = self._random.choice(likely)
        return f"{name}{count}" if count else name

    def _array(self, parts: list[Schema], depth: int) -> Json:
        least, most = self._least(parts, "minItems", 60), _smallest(parts, "maxItems")
        few = max((len(listed(part.get("prefixItems"))) for part in parts), default=0)
        top = min(most if most is not None else max(least, few) + 3, least + 40)
        length = self._random.choice([least, least + 1, min(few, top), top]) if depth <= _DEEPEST else least
        made = [self.of(_for_item(parts, index), depth + 1) for index in range(max(least, min(length, top)))]
        for part in parts:
            if "contains" in part and self._random.random() < 0.9:
                count = min(int(number(part.get("minContains", 1))), 20)
                made[:count] = [self.of([part["contains"]], depth + 1) for _ in range(count)]
        if made and len(made) < top and self._random.random() < 0.2:
            made.append(self._random.choice(made))
        if any(part.get("uniqueItems") is True for part in parts) and self._random.random() < 0.9:
            made = [each for index, each in enumerate(made) if each not in made[:index]]
        return made

    def _text(self, parts: list[Schema]) -> str:
        patterns = [str(part["pattern"]) for part in parts if "pattern" in part]
        formats = [str(part["format"]) for part in parts if "format" in part]
        shortest, longest = self._least(parts, "minLength", 5000), _smallest(parts, "maxLength")
        made = matching(self._random.choice(patterns), self._random) if patterns else None
        if made is None and formats:
            made = formatted(self._random.choice(formats), self._random, self._filler())
        if made is not None:
            return made
        hinted = self._hints.texts
        made = self._random.choice([*ODD, *hinted, *hinted])
        edge = self._random.choice((shortest, shortest, longest if longest is not None else 0, 0))
        return fitted(fitted(made, min(edge, 5000), None), shortest, longest)

    def _filler(self) -> str:
        """Of a length that one of the versions speaks of."""
        lengths = self._hints.fillers
        return self._random.choice(lengths) if lengths and self._random.random() < 0.3 else ""

    def _number(self, parts: list[Schema], *, whole: bool) -> Json:
        low = [number(part[name]) for part in parts for name in ("minimum", "exclusiveMinimum") if name in part]
        high = [number(part[name]) for part in parts for name in ("maximum", "exclusiveMaximum") if name in part]
        step = [number(part["multipleOf"]) for part in parts if "multipleOf" in part]
        hinted = self._hints.numbers
        near: list[float] = [edge + by for edge in (*low, *high) for by in (0, 1, -1, *([] if whole else [0.5, -0.5]))]
        value = self._random.choice([0, 1, -1, 2, 7, 10**6, *([] if whole else [0.5, -2.25]), *hinted, *(near * 3)])
        if step:
            value = round(value / step[0]) * step[0] if step[0] else value
        value = max(value, max(low)) if low and self._random.random() < 0.8 else value
        value = min(value, min(high)) if high and self._random.random() < 0.8 else value
        if whole:
            return int(value) if self._random.random() < 0.9 else float(int(value))
        return value if self._random.random() < 0.5 or not float(value).is_integer() else int(value)

    def _least(self, parts: list[Schema], name: str, bound: int) -> int:
        return min(max((int(number(part[name])) for part in parts if name in part), default=0), bound)


def _options(parts: list[Schema]) -> list[Json]:
    """The values that `enum` and `const` leave."""
    lists = [listed(part["enum"]) for part in parts if "enum" in part]
    lists += [[part["const"]] for part in parts if "const" in part]
    if not lists:
        return []
    common = [each for each in lists[0] if all(each in other for other in lists[1:])]
    return common or lists[-1]


def _kinds(parts: list[Schema]) -> list[str]:
    kinds = list(_TYPES)
    for part in parts:
        if "type" in part:
            named = part["type"] if isinstance(part["type"], list) else [part["type"]]
            kinds = [each for each in kinds if each in named or (each == "integer" and "number" in named)]
    if len(kinds) == len(_TYPES) and any(
        {"properties", "required", "additionalProperties"} & part.keys() for part in parts
    ):
        return ["object"]
    return kinds


def _asked_beside(part: Schema, name: str) -> Sequence[Json]:
    return listed(mapped(part.get("dependentRequired")).get(name))


def _for_property(parts: list[Schema], name: str) -> list[Json]:
    said: list[Json] = []
    for part in parts:
        named = mapped(part.get("properties"))
        said += [named[name]] if name in named else []
        for rest in ("additionalProperties", "unevaluatedProperties"):
            if name not in named and isinstance(part.get(rest), dict):
                said.append(part[rest])
        said += [each for pattern, each in mapped(part.get("patternProperties")).items() if _matches(pattern, name)]
    return said


def _for_item(parts: list[Schema], index: int) -> list[Json]:
    said: list[Json] = []
    for part in parts:
        first = listed(part.get("prefixItems"))
        said += [first[index]] if index < len(first) else [part["items"]] if "items" in part else []
    return said


def _matches(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return False


def _smallest(parts: list[Schema], name: str) -> int | None:
    return min((int(number(part[name])) for part in parts if name in part), default=None)
