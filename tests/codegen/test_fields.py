"""Fields through references and allOf, and what they let stand in a token."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamworker_codegen.documents import Json, Place
from streamworker_codegen.fields import find_field, types
from streamworker_codegen.registry import Registry
from streamworker_codegen.token_values import always_fits, can_be_token, is_safe_pattern

from tests.codegen.test_registry import registry_of

SOURCE: Json = {"properties": {"tuner": {"type": "string"}}, "required": ["tuner"]}


def event(registry: Registry) -> Place:
    return Place(registry.documents["events/x.json"])


def test_a_field_is_found_through_references_and_all_of(tmp_path: Path) -> None:
    registry = registry_of(
        tmp_path,
        x={"allOf": [{"$ref": "base.json"}, {"properties": {"source": {"minProperties": 1}}}], "required": ["source"]},
        base={
            "type": "object",
            "properties": {"source": {"$ref": "#/$defs/Source"}},
            "$defs": {"Source": {"properties": {"tuner": {"type": "string"}}, "required": ["tuner"]}},
        },
    )
    field = find_field(registry, event(registry), "source.tuner")
    assert field is not None
    assert field.required
    assert can_be_token(registry, field)
    assert find_field(registry, event(registry), "source.name") is None


def test_a_field_of_an_optional_object_is_not_required(tmp_path: Path) -> None:
    registry = registry_of(
        tmp_path, x={"properties": {"a": {"properties": {"b": {"type": "string"}}, "required": ["b"]}}}
    )
    field = find_field(registry, event(registry), "a.b")
    assert field is not None
    assert not field.required


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "integer"}, {"integer"}),
        ({"type": ["string", "null"]}, {"string", "null"}),
        ({"type": "number", "allOf": [{"type": "integer"}]}, {"integer"}),
        ({"enum": ["a", 1, 1.0, None]}, {"string", "integer", "null"}),
        ({"const": {"a": 1}}, {"object"}),
        ({"oneOf": [{"type": "object"}, {"$ref": "#/$defs/O"}], "$defs": {"O": {"type": "object"}}}, {"object"}),
        ({"anyOf": [{"type": "object"}, {"type": "null"}], "type": "object"}, {"object"}),
        ({"type": "string", "allOf": [{"type": "integer"}]}, set()),
    ],
)
def test_the_types_that_a_schema_leaves(tmp_path: Path, schema: dict[str, Json], expected: set[str]) -> None:
    registry = registry_of(tmp_path, x=schema)
    assert types(registry, [event(registry)]) == expected


@pytest.mark.parametrize(
    ("schema", "fits"),
    [
        ({"type": "string"}, False),
        ({"type": "string", "minLength": 1}, False),
        ({"type": "integer"}, True),
        ({"type": "boolean"}, True),
        ({"type": "string", "format": "uuid"}, True),
        ({"type": "string", "format": "date-time"}, False),
        ({"enum": ["a-b", "c"]}, True),
        ({"enum": ["a.b"]}, False),
        ({"enum": [""]}, False),
        ({"const": "x"}, True),
        ({"type": "string", "pattern": "^[0-9A-F]{32}$"}, True),
        ({"type": "string", "pattern": "[0-9A-F]{32}"}, False),
    ],
)
def test_a_schema_that_leaves_only_tokens_is_known(tmp_path: Path, schema: Json, fits: bool) -> None:
    registry = registry_of(tmp_path, x={"properties": {"a": schema}})
    field = find_field(registry, event(registry), "a")
    assert field is not None
    assert always_fits(registry, field) == fits


SAFE = (
    "a",
    "-",
    "_",
    "[a-z]",
    "[a-z]+",
    "[^.*>\\s\\x00-\\x1f\\x7f-\\x9f]",
    "[a-]",
    "\\d",
    "\\w{2}",
    "+",
    "{1,2}",
    "?",
    "{0}",
    "{2,}",
)
UNSAFE = ("^", "$", "[^.*>\\s]", ".", "*", "[+-9]", "\\s", "|", "(", ")", "\\.", "[^a]", ">", " ")


@settings(max_examples=500)
@given(st.lists(st.sampled_from(SAFE * 3 + UNSAFE), max_size=5).map("".join), st.data())
def test_a_pattern_is_called_safe_only_if_it_is(pattern: str, data: st.DataObject) -> None:
    """Whatever matches a pattern that is called safe can be a token."""
    if is_safe_pattern(f"^{pattern}$"):
        # As JSON Schema reads it: \d and \w know ASCII alone, \s all blanks.
        ecma = pattern.replace("\\d", "[0-9]").replace("\\w", "[A-Za-z0-9_]")
        found = data.draw(st.from_regex(re.compile(rf"^{ecma}\Z")))
        assert found
        assert not re.search(r"[.*>\s]", found)
