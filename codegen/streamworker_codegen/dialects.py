"""The drafts of JSON Schema that we read: where each keeps subschemas, and how it names and references them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from streamworker_codegen.documents import Json, Outline, Remark
from streamworker_codegen.pointers import child


@dataclass(frozen=True)
class Dialect:
    """uri: of its metaschema, without fragment. single, lists, maps: keywords whose value is a schema, a list or a map of them.
    in_place: those of them that apply to the same instance as the schema around them. lone_reference: `$ref` hides what stands
    beside it."""

    uri: str
    single: frozenset[str]
    lists: frozenset[str]
    maps: frozenset[str]
    in_place: frozenset[str]
    id_keyword: str = "$id"
    lone_reference: bool = True
    references: tuple[str, ...] = ("$ref",)
    anchors: tuple[str, ...] = ()


DRAFT4 = Dialect(
    "http://json-schema.org/draft-04/schema",
    single=frozenset({"additionalItems", "additionalProperties", "items", "not"}),
    lists=frozenset({"allOf", "anyOf", "oneOf", "items"}),
    maps=frozenset({"definitions", "dependencies", "patternProperties", "properties"}),
    in_place=frozenset({"allOf", "anyOf", "oneOf", "not", "dependencies"}),
    id_keyword="id",
)
DRAFT6 = replace(
    DRAFT4,
    uri="http://json-schema.org/draft-06/schema",
    single=DRAFT4.single | {"contains", "propertyNames"},
    id_keyword="$id",
)
DRAFT7 = replace(
    DRAFT6,
    uri="http://json-schema.org/draft-07/schema",
    single=DRAFT6.single | {"if", "then", "else"},
    in_place=DRAFT6.in_place | {"if", "then", "else"},
)
DRAFT2019 = replace(
    DRAFT7,
    uri="https://json-schema.org/draft/2019-09/schema",
    single=DRAFT7.single | {"contentSchema", "unevaluatedItems", "unevaluatedProperties"},
    maps=DRAFT7.maps | {"$defs", "dependentSchemas"},
    in_place=DRAFT7.in_place - {"dependencies"} | {"dependentSchemas"},
    lone_reference=False,
    references=("$ref", "$recursiveRef"),
    anchors=("$anchor",),
)
DRAFT2020 = replace(
    DRAFT2019,
    uri="https://json-schema.org/draft/2020-12/schema",
    lists=DRAFT2019.lists - {"items"} | {"prefixItems"},
    references=("$ref", "$dynamicRef"),
    anchors=("$anchor", "$dynamicAnchor"),
)

_NAMING = frozenset(
    name for each in (DRAFT4, DRAFT2019, DRAFT2020) for name in (each.id_keyword, *each.references, *each.anchors)
)

DIALECTS = {dialect.uri: dialect for dialect in (DRAFT4, DRAFT6, DRAFT7, DRAFT2019, DRAFT2020)}


@dataclass(frozen=True)
class Subschema:
    """A schema within a schema: its pointer in the document, its value, and the keyword that holds it ("" for the root)."""

    pointer: str
    value: dict[str, Json]
    keyword: str
    dialect: Dialect


def subschemas(root: Json, dialect: Dialect, pointer: str = "") -> Iterator[Subschema]:
    """The schema at `pointer` and every schema below it that is an object, each before those inside it."""
    found = [(pointer, root, "", dialect)]
    while found:
        at, value, keyword, dialect = found.pop()
        if isinstance(value, dict):
            here = Subschema(at, value, keyword, _dialect_of(value, dialect))
            yield here
            found.extend((p, v, k, here.dialect) for p, v, k in reversed(list(_children(here))))


def outlined(schemas: Iterable[Subschema], remarks: Iterable[Remark] = ()) -> Outline:
    found = Outline([], [], [*remarks])
    for schema in schemas:
        found.schemas.append(schema.pointer)
        if not _NAMING.isdisjoint(schema.value):
            found.names.append((schema.pointer, schema.dialect.uri))
    return found


def _dialect_of(schema: dict[str, Json], around: Dialect) -> Dialect:
    declared = schema.get("$schema")
    return DIALECTS.get(declared.rstrip("#"), around) if isinstance(declared, str) else around


def _children(schema: Subschema) -> Iterator[tuple[str, Json, str]]:
    for keyword, value in schema.value.items():
        for step, inner in held(keyword, value, schema.dialect):
            yield child(schema.pointer, *step), inner, keyword


def held(keyword: str, value: Json, dialect: Dialect) -> Iterator[tuple[tuple[str | int, ...], Json]]:
    """The schemas that a keyword holds, each with the steps to it."""
    if keyword in dialect.single and isinstance(value, dict):
        yield (keyword,), value
    elif keyword in dialect.lists and isinstance(value, list):
        for index, inner in enumerate(value):
            yield (keyword, index), inner
    elif keyword in dialect.maps and isinstance(value, dict):
        for key, inner in value.items():
            yield (keyword, key), inner


def applied_in_place(schema: dict[str, Json], dialect: Dialect) -> Iterator[tuple[str | int, ...]]:
    """The steps to the subschemas that hold for the same instance as `schema`."""
    for keyword, value in schema.items():
        if keyword in dialect.in_place:
            yield from (step for step, _ in held(keyword, value, dialect))
