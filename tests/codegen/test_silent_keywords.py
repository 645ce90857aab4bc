"""Keywords that say nothing are told, and no others: compared with what validators of each draft make of them."""

from __future__ import annotations

from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamworker_codegen.dialects import DIALECTS, DRAFT4, DRAFT6, DRAFT7, DRAFT2019, DRAFT2020, subschemas
from streamworker_codegen.documents import Document, Json
from streamworker_codegen.kept import read_kept, write_kept
from streamworker_codegen.load import load_documents
from streamworker_codegen.metaschema import keywords_of
from streamworker_codegen.problems import Position
from streamworker_codegen.silent_keywords import _OF_SOME, remarks

from tests.codegen.orders import event, put, run, write_orders

VALIDATORS = {
    DRAFT4.uri: jsonschema_rs.Draft4Validator,
    DRAFT6.uri: jsonschema_rs.Draft6Validator,
    DRAFT7.uri: jsonschema_rs.Draft7Validator,
    DRAFT2019.uri: jsonschema_rs.Draft201909Validator,
    DRAFT2020.uri: jsonschema_rs.Draft202012Validator,
}
CLOSED: dict[str, Json] = {"additionalProperties": False}
BROKEN: dict[str, tuple[dict[str, Json], Json]] = {
    "const": ({"const": 1}, 2),
    "contains": ({"contains": {"enum": [1]}}, [2]),
    "propertyNames": ({"propertyNames": {"maxLength": 1}}, {"ab": 1}),
    "if": ({"if": {"type": "integer"}, "then": {"maximum": 3}}, 5),
    "dependencies": ({"dependencies": {"a": ["b"]}}, {"a": 1}),
    "dependentRequired": ({"dependentRequired": {"a": ["b"]}}, {"a": 1}),
    "dependentSchemas": ({"dependentSchemas": {"a": {"required": ["b"]}}}, {"a": 1}),
    "minContains": ({"contains": {"enum": [1]}, "minContains": 2}, [1]),
    "maxContains": ({"contains": {"enum": [1]}, "maxContains": 1}, [1, 1]),
    "unevaluatedItems": ({"unevaluatedItems": False}, [1]),
    "unevaluatedProperties": ({"unevaluatedProperties": False}, {"a": 1}),
    "prefixItems": ({"prefixItems": [{"type": "string"}]}, [1]),
    "$recursiveRef": ({"properties": {"a": {"$recursiveRef": "#"}}, **CLOSED}, {"a": {"b": 1}}),
    "$dynamicRef": ({"properties": {"a": {"$dynamicRef": "#"}}, **CLOSED}, {"a": {"b": 1}}),
}
"""A schema, and a value that it refuses where the keyword holds."""


def told(schema: Json, draft: str = DRAFT2020.uri, dialect: str = "") -> list[tuple[str, str, str]]:
    document = Document("events/x.json", "x", draft, schema, {"": Position("x")}, dialect)
    found = remarks(document, list(subschemas(schema, DIALECTS[draft])))
    return [(each.pointer, each.code, each.mend) for each in found]


def meant(schema: Json, draft: str = DRAFT2020.uri) -> list[str]:
    return [mend.split("`")[1] for _, code, mend in told(schema, draft) if code == "misspelt-keyword"]


@pytest.mark.parametrize("keyword", sorted(BROKEN))
@pytest.mark.parametrize("draft", VALIDATORS)
def test_a_keyword_of_another_draft_is_told_exactly_where_a_validator_passes_over_it(draft: str, keyword: str) -> None:
    schema, value = BROKEN[keyword]
    passed_over = VALIDATORS[draft](schema).is_valid(value)
    assert (keyword in {pointer.rpartition("/")[2] for pointer, _, _ in told(schema, draft)}) == passed_over


def test_every_keyword_of_some_drafts_is_compared() -> None:
    assert _OF_SOME.keys() - BROKEN.keys() == {"additionalItems"}


def test_additional_items_are_told_where_no_list_of_items_can_stand_before_them() -> None:
    schema: dict[str, Json] = {"items": [{}], "additionalItems": False}
    assert not VALIDATORS[DRAFT2019.uri](schema).is_valid([1, 2])
    assert told(schema, DRAFT2019.uri) == []
    assert VALIDATORS[DRAFT2020.uri]({"prefixItems": [{}], "additionalItems": False}).is_valid([1, 2])
    assert [code for _, code, _ in told({"prefixItems": [{}], "additionalItems": False})] == [
        "keyword-of-another-draft"
    ]
    assert told({"prefixItems": [{}], "additionalItems": True}) == []


@pytest.mark.parametrize("draft", VALIDATORS)
def test_no_keyword_of_a_draft_is_told_in_it_but_for_what_it_only_still_names(draft: str) -> None:
    for keyword in keywords_of(draft) | {"$ref"}:
        assert bool(told({keyword: "x"}, draft)) == (draft == DRAFT2020.uri and keyword == "$recursiveRef"), keyword


VALUES: dict[str, Json] = {
    "additionalProperties": False,
    "patternProperties": {"a": {}},
    "required": ["a"],
    "maxLength": 3,
    "pattern": "a",
    "type": "string",
    "enum": ["a"],
    "items": {},
    "properties": {"a": {}},
    "uniqueItems": True,
    "anyOf": [{}],
    "exclusiveMinimum": 1,
}


@st.composite
def typos(draw: st.DrawFn) -> tuple[str, str]:
    keyword = draw(st.sampled_from(sorted(VALUES)))
    at = draw(st.integers(0, len(keyword) - 2))
    kind = draw(st.sampled_from(["left out", "doubled", "swapped", "capitals"]))
    match kind:
        case "left out":
            return keyword, keyword[:at] + keyword[at + 1 :]
        case "doubled":
            return keyword, keyword[: at + 1] + keyword[at:]
        case "swapped":
            return keyword, keyword[:at] + keyword[at + 1] + keyword[at] + keyword[at + 2 :]
        case _:
            return keyword, keyword.swapcase()


@given(typos(), st.sampled_from([DRAFT6.uri, DRAFT7.uri, DRAFT2019.uri, DRAFT2020.uri]))
def test_a_slip_of_one_letter_is_told_with_the_keyword(typo: tuple[str, str], draft: str) -> None:
    keyword, name = typo
    assert meant({name: VALUES[keyword]}, draft) == ([] if name in keywords_of(draft) else [keyword])


@pytest.mark.parametrize(
    ("name", "value", "keyword"),
    [
        ("require", ["a"], "required"),
        ("requires", ["a"], "required"),
        ("additional_properties", False, "additionalProperties"),
        ("additionalProperty", False, "additionalProperties"),
        ("one-of", [{}], "oneOf"),
        ("Not", {}, "not"),
        ("ref", "#/$defs/A", "$ref"),
        ("$reff", "#/$defs/A", "$ref"),
        ("$type", "string", "type"),
        ("titles", "A", "title"),
    ],
)
def test_what_people_write_is_told(name: str, value: Json, keyword: str) -> None:
    assert meant({name: value}) == [keyword]


def test_the_keyword_is_one_of_the_documents_own_draft() -> None:
    named: Json = {"property_names": {}, "dependent_required": {}, "readonly": True}
    assert meant(named, DRAFT4.uri) == []
    assert meant(named, DRAFT7.uri) == ["propertyNames", "readOnly"]
    assert meant(named) == ["propertyNames", "dependentRequired", "readOnly"]


OTHERS = """
    nullable example examples deprecated discriminator xml externalDocs id $id definitions $defs dependencies
    enumNames enumDescriptions tsType tsEnumNames javaType javaName existingJavaType extends meta:enum meta:status
    sampled x-type x-patern X-Format x_note xdm:type links href base media anchor comment comments _comment schema
    schemas cost note notes when markdownDescription defaultSnippets errorMessage deprecationMessage typeof
    instanceof formatMinimum formatMaximum propertyOrder options units name version scope $$ref @type $data
    constraints length min max range descriptor value types2 abcIsAfter0001-01-01
"""
"""Words of OpenAPI, of hyper-schema, of editors and generators, extensions, and plain notes."""


@pytest.mark.parametrize("draft", VALIDATORS)
def test_words_of_other_vocabularies_are_passed_over(draft: str) -> None:
    values: list[Json] = ["text", {"a": {"b": 1}}, ["a"], 1, True]
    for value in values:
        assert told(dict.fromkeys(OTHERS.split(), value), draft) == []


def test_a_name_whose_value_the_keyword_could_not_have_is_anothers() -> None:
    assert told({"types": {"a": 1}, "requires": "a permit", "formats": ["a"], "ref": {"a": 1}, "titles": ["a"]}) == []


def test_definitions_may_stand_in_a_container_of_another_name() -> None:
    """Where a reference does not lead there, that is an error."""
    assert told({"$ref": "#/defs/A", "defs": {"A": {}}, "definition": {"B": {}}}) == []


def test_only_schemas_are_looked_at() -> None:
    odd: Json = {"patern": "a", "Type": "string", "const": {"require": ["a"]}}
    nowhere: dict[str, Json] = {"enum": [odd], "const": odd, "default": odd, "examples": [odd], "x-odd": odd}
    names: Json = {"properties": {"patern": {}, "Type": {}}, "$defs": {"enums": {}}, "patternProperties": {"items": {}}}
    assert told({**nowhere, "allOf": [names]}) == []
    assert [pointer for pointer, _, _ in told({"allOf": [odd]})] == ["/allOf/0/patern", "/allOf/0/Type"]


def test_a_metaschema_of_ones_own_says_what_its_keywords_mean() -> None:
    assert told({"titles": "A", "dependencies": {}}, dialect="https://shop.example/meta") == []


def test_it_is_told_in_every_run_that_compiles_though_the_file_is_not_looked_at_again(tmp_path: Path) -> None:
    project = write_orders(tmp_path)
    put(tmp_path, "schemas/events/billing/paid.schema.json", event("OrderPaid", note={"patern": "a"}))
    assert "misspelt-keyword" in {each.code for each in run(project).problems}
    assert run(project).problems == ()
    put(tmp_path, "schemas/events/orders/placed.schema.json", event("OrderPlaced", note={"type": "string"}))
    assert "misspelt-keyword" in {each.code for each in run(project).problems}


def test_one_text_in_two_files_is_told_in_both(tmp_path: Path) -> None:
    for name in ("a", "b"):
        put(tmp_path, f"schemas/events/{name}.json", '{\n "type": "object",\n "maxlength": 3\n}')
    for _ in range(2):
        kept = read_kept(tmp_path / "kept")
        found = [str(each.where) for each in load_documents(tmp_path / "schemas", kept).problems]
        write_kept(tmp_path / "kept", kept)
        assert found == ["schemas/events/a.json:3:2", "schemas/events/b.json:3:2"]
    assert not kept.changed
