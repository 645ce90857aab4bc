"""Literals of integers and booleans take what an `enum` takes, but for whole floats, which the codec makes integers."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from streamworker.contract import Event, Exact, Omittable

LITERALS: list[Any] = [
    Literal[1],
    Literal[0],
    Literal[True],
    Literal[False],
    Literal[1, 2, 3],
    Literal[True, 0],
    Literal[1, True],
    Literal["a", 1, None],
    Literal[None, False, "a", -1, 9223372036854775807],
]
values: st.SearchStrategy[Any] = (
    st.sampled_from([True, False, None, "a", "b", "1", "true", [], {}]) | st.integers(-2, 4) | st.just(2**63 - 1)
)
floats = st.integers(-2, 4).map(float) | st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("literal", LITERALS, ids=str)
@given(value=values)
def test_takes_exactly_what_an_enum_takes(literal: Any, value: object, as_json: bool) -> None:
    adapter = TypeAdapter[object](Annotated[literal, Exact])
    accepts = jsonschema_rs.validator_for({"enum": list(literal.__args__)}).is_valid(value)
    text = json.dumps(value)
    try:
        taken = adapter.validate_json(text) if as_json else adapter.validate_python(value)
    except ValidationError:
        assert not accepts
    else:
        assert accepts
        assert (type(taken), taken) == (type(value), value)
        assert adapter.dump_json(taken, warnings="error") == text.encode()


@pytest.mark.parametrize("literal", LITERALS, ids=str)
@given(value=floats)
def test_refuses_floats(literal: Any, value: float) -> None:
    adapter = TypeAdapter[object](Annotated[literal, Exact])
    with pytest.raises(ValidationError):
        adapter.validate_json(json.dumps(value), strict=True)


class Switch(Event):
    state: Annotated[Literal[1], Exact] | bool | int | float
    on: Annotated[Omittable[Literal[True]], Exact] = None
    steps: tuple[Annotated[Literal[1, 2], Exact] | Annotated[Literal[False], Exact], ...] = ()


@pytest.mark.parametrize("state", [1, True, False, 0, 1.0, 0.0, 2, 2.5])
def test_a_union_keeps_the_kind_of_a_value(state: Any) -> None:
    data = json.dumps({"state": state, "on": True, "steps": [1, False, 2]}, separators=(",", ":"))
    switch = Switch.model_validate_json(data)
    made = Switch(state=switch.state, on=switch.on, steps=switch.steps)
    assert made.model_dump_json(warnings="error") == data


@pytest.mark.parametrize(
    "bad", [b'{"state": 1, "on": 1}', b'{"state": 1, "on": null}', b'{"state": 1, "steps": [true]}']
)
def test_a_field_refuses_other_kinds(bad: bytes) -> None:
    with pytest.raises(ValidationError):
        Switch.model_validate_json(bad)
