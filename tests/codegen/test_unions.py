"""A value is written by the first member of its union that takes it: generated unions stand in an order that loses nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.codegen.contracts import Contract, contracts_of
from tests.codegen.projects import registry_of

MOMENT = {"type": "string", "format": "date-time"}
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Logged",
    "type": "object",
    "properties": {
        "entry": {"anyOf": [MOMENT, {"$ref": "#/$defs/note"}, {"type": "integer"}, {"type": "null"}]},
        "row": {"anyOf": [{"$ref": "#/$defs/row"}, {"type": "array", "items": MOMENT}]},
        "rows": {"anyOf": [{"type": "array"}, {"type": "array", "items": {"type": "array", "items": MOMENT}}]},
        "named": {"anyOf": [{"$ref": "#/$defs/named"}, {"type": "object", "additionalProperties": MOMENT}]},
    },
    "required": ["entry", "row", "rows", "named"],
    "$defs": {
        "note": {"type": "object", "properties": {"at": MOMENT, "text": {"type": "string"}}, "required": ["text"]},
        "row": {"type": "array", "items": {}},
        "named": {"type": "object", "additionalProperties": {"type": "array", "items": {}}},
    },
}

moments = st.sampled_from(["2026-01-01T00:00:00.000Z", "2026-01-01t00:00:00z", "2026-12-31T23:59:60Z"])
notes = st.fixed_dictionaries({"text": st.text(max_size=2)}, optional={"at": moments})
scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | moments
rows = st.lists(moments, max_size=2) | st.lists(scalars, max_size=2)
named = st.dictionaries(st.text(max_size=2), moments) | st.dictionaries(st.text(max_size=2), st.lists(scalars))


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contract]:
    folder = tmp_path_factory.mktemp("unions")
    (folder / "schemas" / "events").mkdir(parents=True)
    (folder / "schemas" / "events" / "logged.json").write_text(json.dumps(SCHEMA))
    (contract,) = contracts_of(registry_of(folder), folder, "generated_of_unions")
    yield contract
    sys.path.remove(str(folder))


@given(
    st.fixed_dictionaries(
        {"entry": moments | notes | st.integers() | st.none(), "row": rows, "rows": st.lists(rows), "named": named}
    )
)
def test_an_event_made_of_the_values_of_another_is_the_same_json(logged: Contract, value: dict[str, object]) -> None:
    event = logged.codec.decode(json.dumps(value).encode())
    made = type(event)(**{name: getattr(event, name) for name in type(event).model_fields})
    assert json.loads(logged.codec.encode(made)) == value


@given(moments)
def test_moments_moved_into_a_union_with_values_of_no_type_keep_their_text(logged: Contract, text: str) -> None:
    value = {"entry": text, "row": [], "rows": [], "named": {}}
    event = logged.codec.decode(json.dumps(value).encode())
    moment = event.entry  # type: ignore[attr-defined]  # of a model made for this test
    made = event.model_copy(update={"row": (moment,), "rows": ((moment,),), "named": {"a": moment}})
    expected = {"entry": text, "row": [text], "rows": [[text]], "named": {"a": text}}
    assert json.loads(logged.codec.encode(made)) == expected
