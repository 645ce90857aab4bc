"""References lead where JSON Schema says, in every draft: compared with jsonschema-rs."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest
from streamworker_codegen.bundle import Bundle
from streamworker_codegen.documents import Json, Place
from streamworker_codegen.errors import UnresolvedReference
from streamworker_codegen.load import load_documents
from streamworker_codegen.references import check_references
from streamworker_codegen.registry import Registry

D2020 = "https://json-schema.org/draft/2020-12/schema"
D2019 = "https://json-schema.org/draft/2019-09/schema"
D7 = "http://json-schema.org/draft-07/schema#"
D4 = "http://json-schema.org/draft-04/schema#"


def registry_of(root: Path, **files: Json) -> Registry:
    for name, value in files.items():
        path = root / "schemas" / "events" / f"{name.replace('__', '/')}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value), "utf-8")
    documents = load_documents(root / "schemas")
    assert not [each for each in documents.problems if each.severity == "error"]
    return Registry(documents.files.values())


def target(registry: Registry, path: str, reference: str, pointer: str = "") -> str:
    found = registry.resolve(Place(registry.documents[f"events/{path}.json"], pointer), reference)
    return f"{found.document.path.removeprefix('events/')}#{found.pointer}"


def test_a_path_starts_at_the_file_that_refers(tmp_path: Path) -> None:
    registry = registry_of(tmp_path, a__x={"$ref": "../b/y.json"}, b__y={"$defs": {"Z": {}}})
    assert target(registry, "a/x", "../b/y.json") == "b/y.json#"
    assert target(registry, "a/x", "../b/y.json#/$defs/Z") == "b/y.json#/$defs/Z"


def test_ids_are_followed_first_and_files_where_they_lead_to_nothing(tmp_path: Path) -> None:
    """As CDEvents, OpenLineage and others write them: absolute ids, and references that are relative to those, or to the file."""
    registry = registry_of(
        tmp_path,
        x={"$id": "https://e.example/spec/x", "properties": {"a": {"$ref": "deep/y"}, "b": {"$ref": "y.json"}}},
        y={"$id": "https://e.example/spec/deep/y"},
    )
    assert target(registry, "x", "deep/y") == "y.json#"
    assert target(registry, "x", "https://e.example/spec/deep/y#") == "y.json#"
    assert target(registry, "x", "y.json") == "y.json#"
    assert Bundle(registry).value(registry.documents["events/x.json"]) == {
        "$id": "https://e.example/spec/x",
        "properties": {"a": {"$ref": "deep/y"}, "b": {"$ref": "https://e.example/spec/deep/y"}},
    }
    assert check_references(registry) == []


@pytest.mark.parametrize(
    ("draft", "schema", "reference", "pointer"),
    [
        (D2020, {"$defs": {"A": {"$anchor": "here"}}}, "#here", "/$defs/A"),
        (D2020, {"$defs": {"A": {"$dynamicAnchor": "here"}}}, "#here", "/$defs/A"),
        (
            D2020,
            {"$defs": {"A": {"$id": "inner.json", "$defs": {"B": {"$anchor": "b"}}}}},
            "inner.json#b",
            "/$defs/A/$defs/B",
        ),
        (
            D2020,
            {"properties": {"$id": {"type": "string"}}, "enum": [{"$id": "no"}]},
            "#/properties/$id",
            "/properties/$id",
        ),
        (D2020, {"x-shared": {"A": {"type": "string"}}}, "#/x-shared/A", "/x-shared/A"),
        (D2020, {"$defs": {"a/b": {}, "c d": {}, "e%": {}}}, "#/$defs/a~1b", "/$defs/a~1b"),
        (D2020, {"$defs": {"a/b": {}, "c d": {}, "e%": {}}}, "#/$defs/c%20d", "/$defs/c d"),
        (D2020, {"$defs": {"a/b": {}, "c d": {}, "e%25": {}}}, "#/$defs/e%2525", "/$defs/e%25"),
        (D2019, {"$defs": {"A": {"$anchor": "here"}}}, "#here", "/$defs/A"),
        (D7, {"definitions": {"A": {"$id": "#here"}}}, "#here", "/definitions/A"),
        (D7, {"definitions": {"A": {"$id": "a.json", "type": "string"}}}, "a.json", "/definitions/A"),
        (
            D7,
            {"definitions": {"A": {"$id": "a/", "definitions": {"B": {"$id": "b.json"}}}}},
            "a/b.json",
            "/definitions/A/definitions/B",
        ),
        (D4, {"definitions": {"A": {"id": "#here"}}}, "#here", "/definitions/A"),
        (D4, {"id": "http://e.example/root.json", "definitions": {"A": {"id": "a.json"}}}, "a.json", "/definitions/A"),
    ],
)
def test_references_lead_where_the_validator_goes(
    tmp_path: Path, draft: str, schema: dict[str, Json], reference: str, pointer: str
) -> None:
    schema = {"$schema": draft, **schema, "allOf": [{"$ref": reference}]}
    registry = registry_of(tmp_path, x=schema)
    place = Place(registry.documents["events/x.json"], "/allOf/0")
    found = registry.resolve(place, reference)
    assert found.pointer == pointer
    theirs = jsonschema_rs.Registry([(found.document.uri, schema)]).resolver(registry.base(place)).lookup(reference)
    assert theirs.contents == registry.value(found)


def test_a_reference_within_a_document_stays_there_whoever_else_has_its_id(tmp_path: Path) -> None:
    registry = registry_of(
        tmp_path,
        x={"$id": "https://e.example/x", "$defs": {"A": {}}},
        y={"$id": "https://e.example/x", "$defs": {"A": {}}},
    )
    assert target(registry, "x", "#/$defs/A") == "x.json#/$defs/A"
    assert target(registry, "y", "#/$defs/A") == "y.json#/$defs/A"
    assert check_references(registry) == []


def test_an_id_that_two_files_have_leads_to_neither(tmp_path: Path) -> None:
    registry = registry_of(
        tmp_path,
        x={"$id": "https://e.example/x"},
        y={"$id": "https://e.example/x"},
        z={"allOf": [{"$ref": "https://e.example/x"}, {"$ref": "y.json"}]},
    )
    (problem,) = check_references(registry)
    assert (problem.code, problem.where.file) == ("doubled-id", "schemas/events/z.json")
    assert target(registry, "z", "y.json") == "y.json#"


def test_ref_hides_the_id_beside_it_before_2019(tmp_path: Path) -> None:
    inner: Json = {"$id": "elsewhere/", "$ref": "#/definitions/B"}
    registry = registry_of(tmp_path, x={"$schema": D7, "definitions": {"A": inner, "B": {"type": "string"}}})
    assert target(registry, "x", "#/definitions/B", "/definitions/A") == "x.json#/definitions/B"
    assert registry.clashes == []


def test_the_metaschemas_are_known_everywhere(tmp_path: Path) -> None:
    registry = registry_of(tmp_path, x={"properties": {"schema": {"$ref": D2020}}})
    assert check_references(registry) == []
    assert registry.resolve(Place(registry.documents["events/x.json"]), D2020).document.uri == D2020


def test_a_schema_where_no_keyword_holds_one_has_its_references_read(tmp_path: Path) -> None:
    registry = registry_of(tmp_path, x={"x-shared": {"A": {"$ref": "#/nowhere"}}, "$ref": "#/x-shared/A"})
    assert [problem.code for problem in check_references(registry)] == ["ref-to-nothing"]


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("https://web.example/a", "web"),
        ("../../a.json", "outside"),
        ("file:///a.json", "outside"),
        ("a.json", "nothing"),
        ("#/a", "nothing"),
        ("#a", "nothing"),
    ],
)
def test_what_leads_to_nothing_says_why(tmp_path: Path, reference: str, why: str) -> None:
    registry = registry_of(tmp_path, x={})
    with pytest.raises(UnresolvedReference) as caught:
        target(registry, "x", reference)
    assert caught.value.why == why


def test_recursion_through_a_value_is_no_circle(tmp_path: Path) -> None:
    registry = registry_of(
        tmp_path,
        tree={
            "type": "object",
            "properties": {"children": {"type": "array", "items": {"$ref": "#"}}, "other": {"$ref": "twig.json"}},
        },
        twig={"type": "object", "additionalProperties": {"$ref": "tree.json"}},
    )
    assert check_references(registry) == []


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"$defs": {"A": {"$ref": "#/$defs/B"}, "B": {"$ref": "#/$defs/A"}}, "$ref": "#/$defs/A"},
        {"$defs": {"A": {"if": {"$ref": "#/$defs/A"}}}},
        {"dependentSchemas": {"a": {"not": {"$ref": "#"}}}},
    ],
)
def test_a_circle_is_told_however_it_is_closed(tmp_path: Path, schema: dict[str, Json]) -> None:
    assert [problem.code for problem in check_references(registry_of(tmp_path, x=schema))] == ["ref-circle"]
