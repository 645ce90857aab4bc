"""Containment of schemas that hold themselves, keyword by keyword: what is proven of a value may be taken for granted of the smaller
values in it. It knows few rules, each of them sound; all that does not refer back is left to `proves`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from streamworker_codegen.documents import Json
from streamworker_codegen.pointers import steps
from streamworker_codegen.shapes.dialects import Schema

Proves: TypeAlias = Callable[[Json, Json], bool]
_Known: TypeAlias = frozenset[tuple[str, str]]
_AT_MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_AT_LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
# What means the same wherever it stands; the others depend on what stands beside them.
_ALONE = frozenset(
    {*_AT_MOST, *_AT_LEAST, "type", "enum", "const", "pattern", "format", "multipleOf", "uniqueItems"}
    | {"required", "dependentRequired", "propertyNames", "not"}
)
_EVALUATES = frozenset({"anyOf", "oneOf", "if", "dependentSchemas", "patternProperties", "additionalProperties"})
_BUDGET = 2000


def simulates(wide: Json, narrow: Json, proves: Proves) -> bool:
    """Whether it is proven that every value of `narrow` is one of `wide`, plain schemas of which one holds itself."""
    if not (isinstance(wide, dict) and isinstance(narrow, dict) and ("$defs" in wide or "$defs" in narrow)):
        return False
    return _Simulation(wide, narrow, proves).holds([narrow], wide, frozenset())


class _Simulation:
    def __init__(self, wide: Schema, narrow: Schema, proves: Proves) -> None:
        self._wide = wide
        self._narrow = narrow
        self._proves = proves
        self._left = _BUDGET

    def holds(self, narrow: Sequence[Json], wide: Json, known: _Known) -> bool:
        """Whether a value for which all of `narrow` hold is one of `wide`."""
        self._left -= 1
        if wide is True or any(each is False for each in narrow):
            return True
        if wide is False or self._left < 0:
            return False
        if not _refers(wide) and not _refers(list(narrow)):
            return self._proves(wide, {"allOf": [_bare(each) for each in narrow]})
        key = _text(list(narrow)), _text(wide)
        if key in known:
            return True
        parts = list(self._parts(narrow, self._narrow))
        wanted = list(self._parts([wide], self._wide))
        known |= {key}
        return all(self._schema(parts, each, known) for each in wanted) or self._split(parts, wide, known)

    def _split(self, parts: list[Schema], wide: Json, known: _Known) -> bool:
        """By the alternatives of the narrow side: each of them has to be admitted."""
        for index, part in enumerate(parts):
            for choice in ("anyOf", "oneOf"):
                if isinstance(branches := part.get(choice), list):
                    rest = [{name: value for name, value in part.items() if name != choice}, *_without(parts, index)]
                    return all(self.holds([each, *rest], wide, known) for each in branches)
        return False

    def _schema(self, parts: list[Schema], wanted: Schema, known: _Known) -> bool:
        return all(self._keyword(parts, wanted, name, known) for name in wanted if name != "$defs")

    def _keyword(self, parts: list[Schema], wanted: Schema, name: str, known: _Known) -> bool:
        value = wanted[name]
        match name, value:
            case "properties", dict():
                return all(self.holds(self._property(parts, key), each, known) for key, each in value.items())
            case "items", _ if "prefixItems" not in wanted:
                plain = [each for each in parts if "prefixItems" not in each]
                return self.holds([each["items"] for each in plain if "items" in each], value, known)
            case "additionalProperties" | "unevaluatedProperties", _:
                return self._others(parts, wanted, name, known)
            case "anyOf", list():
                return any(self.holds(parts, each, known) for each in value)
            case _:
                return _asserted(parts, name, value)

    def _property(self, parts: list[Schema], key: str) -> list[Json]:
        """All that the narrow side says of a property."""
        said: list[Json] = []
        for part in parts:
            named = part.get("properties")
            if isinstance(named, dict) and key in named:
                said.append(named[key])
            elif "additionalProperties" in part and "patternProperties" not in part:
                said.append(part["additionalProperties"])
        if _is_shut(parts) and not any(key in _named(part) for part in parts):
            said.append(False)
        return said

    def _others(self, parts: list[Schema], wanted: Schema, name: str, known: _Known) -> bool:
        """The properties that the wide side does not name: those that the narrow side names, and the rest of them."""
        if not _EVALUATES.isdisjoint(wanted.keys() - {name}) or any("patternProperties" in part for part in parts):
            return False
        here, value = _named(wanted), wanted[name]
        names = {key for part in parts for key in _named(part)} - set(here)
        rest: list[Json] = [part["additionalProperties"] for part in parts if "additionalProperties" in part]
        rest += [False] if _is_shut(parts) else []
        return all(self.holds(self._property(parts, key), value, known) for key in names) and (
            value is True or (bool(rest) and self.holds(rest, value, known))
        )

    def _parts(self, schemas: Sequence[Json], root: Schema) -> Iterator[Schema]:
        """All that holds together, references followed; `unevaluatedProperties` stays with what it closes."""
        for schema in schemas:
            if not isinstance(schema, dict):
                yield {} if schema is True else {"not": {}}
                continue
            yield {name: value for name, value in schema.items() if name not in ("$ref", "allOf")}
            if isinstance(together := schema.get("allOf"), list):
                yield from self._parts(together, root)
            if isinstance(reference := schema.get("$ref"), str):
                yield from self._parts([_definition(root, reference)], root)


def _asserted(parts: list[Schema], name: str, value: Json) -> bool:
    """Whether one of `parts` says as much as a keyword asks for."""
    said = [part[name] for part in parts if name in part]
    if name in _ALONE and _text(value) in [_text(each) for each in said]:
        return not _refers(value)
    match name:
        case "type":
            return any(_types(part) <= _types({"type": value}) for part in parts if _types(part))
        case "required":
            held = {str(each) for part in said if isinstance(part, list) for each in part}
            return isinstance(value, list) and {str(each) for each in value} <= held
        case _ if name in _AT_MOST:
            return any(_number(each) <= _number(value) for each in said)
        case _ if name in _AT_LEAST:
            return any(_number(each) >= _number(value) for each in said)
        case "enum":
            return any(_within(part, value) for part in parts)
        case _:
            return False


def _types(part: Schema) -> frozenset[str]:
    value = part.get("type")
    named = {str(each) for each in value} if isinstance(value, list) else {str(value)} if value is not None else set()
    return frozenset(named | ({"integer"} if "number" in named else set()))


def _within(part: Schema, allowed: Json) -> bool:
    values = [part["const"]] if "const" in part else part.get("enum")
    if not (isinstance(values, list) and isinstance(allowed, list)):
        return False
    return {_text(each) for each in values} <= {_text(each) for each in allowed}


def _text(value: Json) -> str:
    return json.dumps(value, sort_keys=True)


def _number(value: Json) -> float:
    return value if isinstance(value, int | float) else float("nan")


def _is_shut(parts: list[Schema]) -> bool:
    """Whether no property may stand there but those that `parts` name."""
    shut = any(part.get("unevaluatedProperties") is False for part in parts)
    return shut and all(_EVALUATES.isdisjoint(part) for part in parts)


def _named(part: Schema) -> list[str]:
    named = part.get("properties")
    return list(named) if isinstance(named, dict) else []


def _definition(root: Schema, reference: str) -> Json:
    held = root.get("$defs")
    return held.get(steps(reference[1:])[-1], True) if isinstance(held, dict) else True


def _refers(value: Json) -> bool:
    if isinstance(value, dict):
        return "$ref" in value or any(_refers(each) for name, each in value.items() if name != "$defs")
    return isinstance(value, list) and any(_refers(each) for each in value)


def _bare(schema: Json) -> Json:
    return {name: each for name, each in schema.items() if name != "$defs"} if isinstance(schema, dict) else schema


def _without(parts: list[Schema], index: int) -> list[Schema]:
    return [part for at, part in enumerate(parts) if at != index]
