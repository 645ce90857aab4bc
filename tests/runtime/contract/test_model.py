"""Generated models in code: frozen, by keyword, as strict as their schema."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError
from streamworker.contract.model import Event, Unchecked

from tests.runtime.contract.parcels import ByRoad, Hop, Parcel, Scan, Subjects

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
PARCEL = Parcel(parcel_id="p1", weight=2, size=1.5, sent_at=MOMENT)


def test_an_event_is_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        PARCEL.weight = 3  # type: ignore[misc]  # what mypy refuses, too


def test_equality_is_of_what_it_says_and_not_of_its_bytes(subjects: Subjects) -> None:
    one = subjects.parcel.decode(b'{"parcelId":"p1","weight":2,"size":1.5,"sentAt":"2026-01-01T00:00:00.0Z"}')
    other = subjects.parcel.decode(b'{"weight":2,"parcelId":"p1","size":1.5,"sentAt":"2026-01-01T00:00:00Z"}')
    assert one == other == PARCEL
    assert hash(one) == hash(other) == hash(PARCEL)


def test_a_changed_copy_is_validated() -> None:
    assert PARCEL.model_copy(update={"weight": 5}).weight == 5
    with pytest.raises(ValidationError):
        PARCEL.model_copy(update={"weight": -5})
    with pytest.raises(ValidationError):
        PARCEL.model_copy(update={"no_such_field": 1})
    assert not Unchecked.made


def test_a_changed_copy_does_not_leave_as_the_bytes_of_its_original(subjects: Subjects) -> None:
    decoded = subjects.parcel.decode(subjects.parcel.encode(PARCEL))
    assert b'"weight":5' in subjects.parcel.encode(decoded.model_copy(update={"weight": 5}))


@pytest.mark.skipif(not hasattr(copy, "replace"), reason="copy.replace came with Python 3.13")
def test_copy_replace_is_a_changed_copy() -> None:
    replace: Any = vars(copy)["replace"]
    assert replace(PARCEL, weight=5) == PARCEL.model_copy(update={"weight": 5})


def test_a_field_is_taken_out_of_a_copy_by_none() -> None:
    noted = PARCEL.model_copy(update={"note": "n", "route": ByRoad(kind="road", van="v")})
    assert noted.model_copy(update={"note": None, "route": None}).model_fields_set == PARCEL.model_fields_set


def test_dumps_are_what_is_written_on_the_wire() -> None:
    """No warning for what is omitted, no null that the schema would refuse."""
    assert PARCEL.model_dump_json() == '{"parcelId":"p1","weight":2,"size":1.5,"sentAt":"2026-01-01T00:00:00Z"}'
    assert PARCEL.model_dump() == {"parcelId": "p1", "weight": 2, "size": 1.5, "sentAt": MOMENT}


def test_json_names_are_taken_in_code_too() -> None:
    assert Parcel.model_validate({"parcelId": "p1", "weight": 2, "size": 1.5, "sentAt": MOMENT}) == PARCEL


@pytest.mark.parametrize(
    ("fields", "written"),
    [
        ({"depotId": 1, "depot_id": "x"}, '{"depotId":1,"depot_id":"x"}'),
        ({"depot_id": 1, "isLast": None, "is_last": "x"}, '{"depotId":1,"is_last":"x"}'),
        (
            {"depotId": 1, "isLast": True, "is_last": [], "other": 2},
            '{"depotId":1,"isLast":true,"is_last":[],"other":2}',
        ),
    ],
)
def test_an_unknown_field_that_is_called_like_an_attribute_is_given_beside_its_json_name(
    fields: dict[str, object], written: str
) -> None:
    assert Hop(**fields).model_dump_json() == written  # type: ignore[arg-type]  # of several types
    assert json.loads(Hop(**fields).model_copy(update={"via": None}).model_dump_json()) == json.loads(written)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fields", [{"depotId": "x", "depot_id": 1}, {"depotId": None, "depot_id": 1}, {"depot_id": "x"}]
)
def test_a_field_beside_an_unknown_one_of_its_attributes_name_is_validated(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Hop(**fields)


def test_a_closed_event_takes_no_namesake() -> None:
    with pytest.raises(ValidationError):
        Parcel.model_validate({"parcelId": "p1", "weight": 2, "size": 1.5, "sentAt": MOMENT, "sent_at": MOMENT})


@pytest.mark.parametrize("payload", [float("nan"), float("inf"), {1: 2}, {"a": {1, 2}}, [object()], b"bytes"])
def test_a_value_of_no_type_is_json(payload: Any) -> None:
    with pytest.raises(ValidationError):
        Scan(scanner_name="a", hops=(), payload=payload)


def test_a_value_of_no_type_is_any_json() -> None:
    payload: Any = {"a": [1, 2.5, None, True, "x", {}], "b": (1, 2)}
    assert Scan(scanner_name="a", hops=(), payload=payload).payload == payload
    assert Hop.model_validate({"depotId": 1, "more": payload}).model_extra == {"more": payload}


def test_a_class_is_built_on_its_first_use() -> None:
    class Seldom(Event):
        id: str

    assert not Seldom.__pydantic_complete__
    assert Seldom(id="1").id == "1"
    assert Seldom.__pydantic_complete__
