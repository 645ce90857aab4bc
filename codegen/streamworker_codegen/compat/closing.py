"""What a worker can write: its schema, closed to the fields that it names, because the runtime's `encode` refuses the others.

The closed schema admits all that a worker writes; where it is in doubt what the runtime refuses, it admits more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from streamworker_codegen.documents import Json
from streamworker_codegen.pointers import steps
from streamworker_codegen.shapes.dialects import Schema
from streamworker_codegen.shapes.keywords import listed, mapped

_CLOSED: Final = "!"  # after the name of a definition: the closed one
_CHOICES: Final = ("anyOf", "oneOf")


def closed(schema: Json) -> Json:
    """The schema of what a worker writes of an event whose plain schema this is."""
    return _Closing(schema).document(schema)


class _Closing:
    def __init__(self, root: Json) -> None:
        held = root.get("$defs") if isinstance(root, dict) else None
        self._definitions: Mapping[str, Json] = held if isinstance(held, dict) else {}

    def document(self, root: Json) -> Json:
        if not isinstance(root, dict):
            return root
        own = {name: value for name, value in root.items() if name != "$defs"}
        target = self._followed(own)
        whole = self._closed(target, root=True)
        if not self._definitions:
            return whole
        definitions = {f"{name}{_CLOSED}": self.position(each) for name, each in self._definitions.items()}
        together = {**whole} if isinstance(whole, dict) else {"not": {}}
        return {**together, "$defs": {**self._definitions, **definitions}}

    def position(self, schema: Json) -> Json:
        """The schema of a value below the event's own."""
        if not isinstance(schema, dict):
            return schema
        if schema.keys() == {"$ref"}:
            return {"$ref": f"{schema['$ref']}{_CLOSED}"}
        return self._closed(schema, root=False) if self._says_type(schema) else schema

    def _closed(self, schema: Json, *, root: bool) -> Json:
        if not isinstance(schema, dict):
            return schema
        parts = list(self._in_place(schema))
        written = self._inside(schema, self._doubled(schema))
        if not any("properties" in each or "required" in each for each in parts):
            return written
        named = {str(name) for each in parts for name in _names(each)}
        evaluated = {str(name) for each in self._certain(schema) for name in mapped(each.get("properties"))}
        spread = root or sum(keyword in each for each in parts for keyword in _CHOICES) > 1
        also = named - evaluated if spread or _is_conditional(parts) else _required(parts) - evaluated
        if also:
            written = {"allOf": [written, {"properties": dict.fromkeys(sorted(also), True)}]}
        return {**written, "unevaluatedProperties": False} if "unevaluatedProperties" not in written else written

    def _inside(self, schema: Schema, open_names: set[str]) -> Schema:
        """The schema with what stands below it closed, and what holds for the same value left as open as it is."""
        written: Schema = {}
        for name, value in schema.items():
            if name in ("additionalProperties", "unevaluatedProperties") and value in (True, {}):
                continue  # the runtime refuses them all the same
            if name == "properties" and isinstance(value, dict):
                written[name] = {key: each if key in open_names else self.position(each) for key, each in value.items()}
            elif name == "items" or (name == "additionalProperties" and "patternProperties" not in schema):
                written[name] = value if "prefixItems" in schema else self.position(value)
            elif name in ("allOf", *_CHOICES) and isinstance(value, list):
                alone = name != "allOf" and not {"properties", "required", "allOf", "$ref"} & schema.keys()
                written[name] = [self._branch(each, open_names, alone) for each in value]
            else:
                written[name] = value
        return written

    def _branch(self, schema: Json, open_names: set[str], alone: bool) -> Json:
        """alone: whether no field is named beside the alternatives."""
        if not isinstance(schema, dict):
            return schema
        if alone and schema.keys() == {"$ref"}:
            return {"$ref": f"{schema['$ref']}{_CLOSED}"}
        return self._inside(schema, open_names)

    def _doubled(self, schema: Schema) -> set[str]:
        """Properties of which several schemas speak that hold together: no one of them names all that may stand there."""
        counts = self._counts(schema, ())
        return {name for name, count in counts.items() if count > 1}

    def _counts(self, schema: Json, seen: tuple[str, ...]) -> dict[str, int]:
        if not isinstance(schema, dict):
            return {}
        counts: dict[str, int] = dict.fromkeys(mapped(schema.get("properties")), 1)
        held = [self._counts(each, seen) for each in listed(schema.get("allOf"))]
        held += [_most([self._counts(each, seen) for each in listed(schema.get(choice))]) for choice in _CHOICES]
        held += [self._counts(schema.get(name), seen) for name in ("if", "then", "else")]
        held += [self._counts(each, seen) for each in mapped(schema.get("dependentSchemas")).values()]
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference not in seen:
            held.append(self._counts(self._followed(schema), (*seen, reference)))
        for each in held:
            for name, count in each.items():
                counts[name] = counts.get(name, 0) + count
        return counts

    def _in_place(self, schema: Json, seen: tuple[str, ...] = ()) -> Iterator[Schema]:
        """All schemas that speak of the same value, whether or not they have to hold."""
        if not isinstance(schema, dict):
            return
        yield schema
        for name in ("allOf", *_CHOICES):
            for each in listed(schema.get(name)):
                yield from self._in_place(each, seen)
        for each in [schema.get(name) for name in ("if", "then", "else")]:
            yield from self._in_place(each, seen)
        for each in mapped(schema.get("dependentSchemas")).values():
            yield from self._in_place(each, seen)
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference not in seen:
            yield from self._in_place(self._followed(schema), (*seen, reference))

    def _certain(self, schema: Json, seen: tuple[str, ...] = ()) -> Iterator[Schema]:
        """The schemas that have to hold for the same value."""
        if not isinstance(schema, dict):
            return
        yield schema
        for each in listed(schema.get("allOf")):
            yield from self._certain(each, seen)
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference not in seen:
            yield from self._certain(self._followed(schema), (*seen, reference))

    def _says_type(self, schema: Json) -> bool:
        """Whether the generated class is not simply any value: it is told which types may stand here."""
        for each in self._certain(schema):
            if {"type", "enum", "const"} & each.keys():
                return True
            for choice in _CHOICES:
                branches = listed(each.get(choice))
                if branches and all(isinstance(branch, dict) and self._says_type(branch) for branch in branches):
                    return True
        return False

    def _followed(self, schema: Schema) -> Json:
        reference = schema.get("$ref")
        return self._definitions.get(steps(str(reference)[1:])[-1]) if isinstance(reference, str) else schema


def _names(schema: Schema) -> Iterator[Json]:
    yield from mapped(schema.get("properties"))
    yield from listed(schema.get("required"))


def _required(parts: list[Schema]) -> set[str]:
    return {str(name) for each in parts for name in listed(each.get("required"))}


def _is_conditional(parts: list[Schema]) -> bool:
    return any({"if", "dependentSchemas"} & each.keys() for each in parts)


def _most(counts: list[dict[str, int]]) -> dict[str, int]:
    return {name: max(each.get(name, 0) for each in counts) for name in {name for each in counts for name in each}}
