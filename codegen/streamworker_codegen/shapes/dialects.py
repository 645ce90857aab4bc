"""What differs between the drafts of JSON Schema, made alike: every schema is read in the words of 2020-12."""

from __future__ import annotations

from typing import TypeAlias

from streamworker_codegen.dialects import DIALECTS, DRAFT6, DRAFT7
from streamworker_codegen.documents import Json, Place
from streamworker_codegen.pointers import child

Schema: TypeAlias = "dict[str, Json]"

_CONTENT = {"contentEncoding", "contentMediaType"}
_JUDGE_CONTENT = {DRAFT6.uri, DRAFT7.uri}  # for the schema validator; later drafts say that it is not to


def keywords(place: Place) -> tuple[Schema, str]:
    """The keywords of the schema at a place, as 2020-12 has them, and "" or, for a boolean schema, "true" or "false". Of a dialect that
    is not a draft only `$vocabulary` is told: others decide what its keywords mean."""
    value = place.document.value_at(place.pointer)
    if isinstance(value, bool):
        return {}, str(value).lower()
    if not isinstance(value, dict):
        return {}, "true"
    if place.document.dialect:
        return {"$vocabulary": place.document.dialect}, ""
    return _modern(value, place.document.draft), ""


def description(place: Place) -> str:
    """How the schema at a place is described: beside a `$ref`, too, where a draft lets nothing else stand."""
    value = place.document.value_at(place.pointer)
    said = value.get("description") if isinstance(value, dict) else None
    return said if isinstance(said, str) else ""


def step(place: Place, *tokens: str | int) -> Place:
    """The place below a place."""
    return Place(place.document, child(place.pointer, *tokens))


def _modern(schema: Schema, draft: str) -> Schema:
    if draft not in _JUDGE_CONTENT and not _CONTENT.isdisjoint(schema):
        schema = {name: value for name, value in schema.items() if name not in _CONTENT}
    if not DIALECTS[draft].lone_reference:
        return schema
    return {"$ref": schema["$ref"]} if "$ref" in schema else _without_boolean_bounds(schema)


def item_keywords(schema: Schema, draft: str) -> tuple[str, str]:
    """The keywords for the first items of an array, one by one, and for the rest."""
    if "prefixItems" in DIALECTS[draft].lists:
        return "prefixItems", "items"
    return ("items", "additionalItems") if isinstance(schema.get("items"), list) else ("", "items")


def _without_boolean_bounds(schema: Schema) -> Schema:
    """Draft 4 has `exclusiveMinimum: true` beside `minimum`."""
    schema = dict(schema)
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(flag := schema.get(exclusive), bool):
            del schema[exclusive]
            if flag and bound in schema:
                schema[exclusive] = schema.pop(bound)
    return schema
