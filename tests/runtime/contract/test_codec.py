"""What decode and encode refuse, and in which words."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, ValidationError, field_validator
from streamworker.contract import Contracts, Event
from streamworker.errors import ConfigurationError, ContractViolation
from streamworker.subject import Subject

from tests.runtime.contract.parcels import ByAir, ByRoad, Hop, Labels, Parcel, Scan, Subjects, Ticket, Yard

RIGHT = {"parcelId": "p1", "weight": 2, "size": 1.5, "sentAt": "2026-01-01T00:00:00.000Z"}


def parcel(**changed: object) -> bytes:
    return json.dumps(RIGHT | changed).encode()


def made(**changed: Any) -> Parcel:
    return Parcel(
        **{"parcel_id": "p1", "weight": 2, "size": 1.5, "sent_at": datetime(2026, 1, 1, tzinfo=UTC), **changed}
    )


def refusal(subject: Subject[Any], data: bytes) -> dict[str, str]:
    """By place, what was expected there."""
    with pytest.raises(ContractViolation) as caught:
        subject.decode(data)
    return {each.pointer: each.expected for each in caught.value.violations}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "JSON: "),
        (b"{", "JSON: "),
        (b"\xef\xbb\xbf{}", "JSON: "),
        (b'{"a": "\xff"}', "JSON: "),
        (b'{"a": "\\ud800"}', "JSON: "),
        (b'{"a": NaN}', "JSON: "),
        (b'{"a": -Infinity}', "JSON: "),
        (b'{"a": ' + b"9" * 5000 + b"}", "JSON: number out of range"),
        (b"[" * 250 + b"]" * 250, "at most 200 levels"),
        (b'{"a":' * 100_000, "at most 200 levels"),
        (b"{} {}", "JSON: "),
        (b"null", "object"),
        (b'"text"', "object"),
    ],
)
def test_what_is_no_json_object_is_refused_whole(subjects: Subjects, data: bytes, expected: str) -> None:
    for subject in (subjects.parcel, subjects.scan, subjects.ticket):
        told = refusal(subject, data)
        assert list(told) == [""]
        assert told[""].startswith(expected)


def test_a_number_beyond_a_double_is_refused_in_every_place(subjects: Subjects) -> None:
    assert "/size" in refusal(subjects.parcel, parcel().replace(b"1.5", b"1e400"))
    scan = b'{"scannerName": "a", "hops": [{"depotId": 1, "odd": 1e400}], "payload": %b}'
    assert "/hops/0/odd" in refusal(subjects.scan, scan % b"1")
    assert "/payload" in refusal(subjects.scan, (scan % b'[{"a": -1e400}]').replace(b'"odd": 1e400', b'"odd": 1'))
    assert "/level" in refusal(subjects.ticket, b'{"level": 1e400, "reason": "r"}')


def test_a_text_is_no_bytes(subjects: Subjects) -> None:
    """A validator given a text would judge it as a JSON string."""
    for subject in (subjects.parcel, subjects.ticket, Subject("order.{id}", Order)):
        assert refusal(subject, '{"level": 1}') == {"": "bytes of JSON, not str"}  # type: ignore[arg-type]  # the trap


def test_other_buffers_are_read_and_kept_as_bytes(subjects: Subjects) -> None:
    for buffer in (bytearray, memoryview):
        data: Any = buffer(parcel())
        assert subjects.parcel.encode(subjects.parcel.decode(data)) == parcel()


def test_of_doubled_keys_the_last_wins(subjects: Subjects) -> None:
    data = parcel().replace(b'"weight": 2', b'"weight": "x", "weight": 3')
    assert subjects.parcel.decode(data).weight == 3
    assert subjects.ticket.decode(b'{"level": "x", "level": 2}').level == 2


def test_every_failing_place_is_told(subjects: Subjects) -> None:
    wrong = {"parcelId": "", "weight": -1, "size": "big", "zip": 1, "url": "::", "route": {"kind": "road", "x/y": 1}}
    assert refusal(subjects.parcel, json.dumps(wrong).encode()) == {
        "": 'a field "sentAt"',
        "/parcelId": "characters: at least 1",
        "/weight": "a number not below 0",
        "/size": "number",
        "/zip": "no field of this name",
        "/url": "the format uri",
        "/route": 'a field "van"',
        "/route/x~1y": "no field of this name",
    }


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        ({"kind": "air", "flightNumber": "x"}, {"/route/flightNumber": r"a text like ^\p{Lu}{2}\d+$"}),
        ({"kind": "sea"}, {"/route/kind": '"road" or "air"'}),
        ([], {"/route": "object"}),
    ],
)
def test_of_a_union_the_branch_that_was_meant_is_told(
    subjects: Subjects, route: object, expected: dict[str, str]
) -> None:
    assert refusal(subjects.parcel, parcel(route=route)) == expected


def test_what_a_condition_asks_is_told(subjects: Subjects) -> None:
    assert refusal(subjects.ticket, b'{"level": 3}') == {"": 'a field "reason"'}


def test_no_more_places_are_told_than_one_can_read(subjects: Subjects) -> None:
    scan = {"scannerName": "a", "hops": [{}] * 5000}
    told = refusal(subjects.scan, json.dumps(scan).encode())
    assert len(told) == 101
    assert told[""] == "what is left: only the first 100 are listed"


def test_no_payload_is_repeated(subjects: Subjects) -> None:
    secret = "s3cr3t"
    wrong: list[object] = [[secret], {"a": secret}, {"kind": secret}, 5317.5, f"https://{secret}@[", f"{secret}\n"]
    names = ("parcelId", "weight", "size", "sentAt", "url", "note", "damage", "attempts", "route")
    violations = [_violation(subjects.parcel, parcel(**{name: value})) for name in names for value in wrong]
    told = [f"{each} {each!r}" for each in violations if each]
    assert len(told) > 40
    assert not [text for text in told if secret in text or "5317" in text]


def _violation(subject: Subject[Any], data: bytes) -> ContractViolation | None:
    try:
        subject.decode(data)
    except ContractViolation as violation:
        return violation
    return None


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda event: pickle.loads(pickle.dumps(event))])
def test_a_copy_of_a_decoded_event_is_the_same_json(subjects: Subjects, copied: Any) -> None:
    data = parcel(damage=None, url="HTTP://A.test/%7e")
    event = subjects.parcel.decode(data)
    assert copied(event) == event
    assert json.loads(subjects.parcel.encode(copied(event))) == json.loads(data)


def test_null_and_absence_are_kept_apart(subjects: Subjects) -> None:
    assert b"damage" not in subjects.parcel.encode(made())
    assert b'"damage":null' in subjects.parcel.encode(made(damage=None))


def test_none_means_absent_where_null_is_not_allowed(subjects: Subjects) -> None:
    assert subjects.parcel.encode(made(note=None, route=None, url=None)) == subjects.parcel.encode(made())
    assert refusal(subjects.parcel, parcel(note=None)) == {"/note": "string"}


def test_a_default_is_written_only_where_it_was_said(subjects: Subjects) -> None:
    assert made().attempts == 3
    assert b"attempts" not in subjects.parcel.encode(made())
    assert b'"attempts":3' in subjects.parcel.encode(made(attempts=3))


def test_what_is_made_in_code_is_as_strict_as_what_is_decoded() -> None:
    for changed in (
        {"weight": -1},
        {"weight": 1.0},
        {"weight": True},
        {"size": float("nan")},
        {"url": "::"},
        {"zip": 1},
    ):
        with pytest.raises(ValidationError):
            made(**changed)


@pytest.mark.parametrize(
    "changed",
    [{"weight": -1}, {"weight": "2"}, {"size": float("inf")}, {"sent_at": "x"}, {"note": "\ud800"}],
)
def test_what_was_made_past_the_validator_is_judged_on_its_way_out(subjects: Subjects, changed: Any) -> None:
    fields = {name: getattr(made(), name) for name in made().model_fields_set}
    with pytest.raises(ContractViolation):
        subjects.parcel.encode(Parcel.model_construct(**(fields | changed)))


def test_so_is_a_part_made_past_the_validator(subjects: Subjects) -> None:
    wrong = ByAir.model_construct(kind="air", flight_number="lower")
    with pytest.raises(ContractViolation, match="/route/flightNumber"):
        subjects.parcel.encode(made(route=wrong))


def test_a_sound_event_that_its_validator_made_is_not_judged_twice(subjects: Subjects) -> None:
    """And one that is not sound is."""
    ticket = Ticket(level=3)
    with pytest.raises(ContractViolation, match='a field "reason"'):
        subjects.ticket.encode(ticket)
    assert subjects.ticket.encode(Ticket(level=3, reason="r")) == b'{"level":3,"reason":"r"}'


def test_an_event_nested_too_deep_to_be_read_is_not_written(subjects: Subjects) -> None:
    hop = Hop(depot_id=0)
    for depot in range(1, 198):
        hop = Hop(depot_id=depot, via=hop)
    subjects.scan.decode(subjects.scan.encode(Scan(scanner_name="a", hops=(hop,))))
    deeper = Hop(depot_id=0, via=Hop(depot_id=0, via=Hop(depot_id=0, via=hop)))
    with pytest.raises(ContractViolation, match="at most 200 levels"):
        subjects.scan.encode(Scan(scanner_name="a", hops=(deeper,)))


def test_an_event_of_another_class_is_refused(subjects: Subjects) -> None:
    with pytest.raises(ContractViolation, match="a Parcel, not a Ticket"):
        subjects.parcel.encode(subjects.ticket.decode(b'{"level":1}'))  # type: ignore[arg-type]  # what mypy refuses, too


@pytest.mark.parametrize(
    ("scan", "unknown"),
    [
        ({"odd": 1}, "/odd"),
        ({"hops": [{"depotId": 1}, {"depotId": 1, "a~b": None}]}, "/hops/1/a~0b"),
        ({"hops": [{"depotId": 1, "via": {"depotId": 1, "odd": 1}}]}, "/hops/0/via/odd"),
        ({"byName": {"x": {"depotId": 1, "is_last": True}}}, "/byName/x/is_last"),
        ({"yard": {"gate": {"depotId": 1, "odd": 1}, "back": {"depotId": 1}}}, "/yard/gate/odd"),
    ],
)
def test_an_output_holds_only_fields_that_its_schema_names(
    subjects: Subjects, scan: dict[str, object], unknown: str
) -> None:
    """Unless its subject says `unknown: pass`; what is only published by hand may hold them."""
    data = json.dumps({"scannerName": "a", "hops": []} | scan).encode()
    event = subjects.scan.decode(data)
    for each in (event, event.model_copy()):
        with pytest.raises(ContractViolation) as caught:
            subjects.scan.encode_closed(each)
        assert [violation.pointer for violation in caught.value.violations] == [unknown]
        assert json.loads(subjects.open_scan.encode_closed(each)) == json.loads(data)
        assert json.loads(subjects.scan.encode(each)) == json.loads(data)


def test_fields_that_a_schema_speaks_of_are_not_unknown(subjects: Subjects) -> None:
    ticket = Ticket(level=1, labels=Labels.model_validate({"main": "a", "other": "b"}))
    assert json.loads(subjects.ticket.encode_closed(ticket)) == {"level": 1, "labels": {"main": "a", "other": "b"}}
    yard = Yard.model_validate({"gate": Hop(depot_id=1)})
    expected = {"scannerName": "a", "hops": [], "yard": {"gate": {"depotId": 1}}}
    assert json.loads(subjects.scan.encode_closed(Scan(scanner_name="a", hops=(), yard=yard))) == expected
    wrong = Ticket(level=1, labels=Labels.model_validate({"main": "a", "other": "too long"}))
    with pytest.raises(ContractViolation, match="/labels/other: characters: at most 5"):
        subjects.ticket.encode_closed(wrong)


def test_an_unknown_field_may_be_called_like_an_attribute(subjects: Subjects) -> None:
    data = b'{"scannerName":"a","hops":[{"depotId":1,"is_last":true,"depot_id":"x"}],"by_name":7}'
    event = subjects.scan.decode(data)
    assert event.hops[0].is_last is None
    assert event.by_name is None
    assert json.loads(subjects.scan.encode(event.model_copy())) == json.loads(data)
    assert json.loads(subjects.scan.encode(event.model_copy(update={"hops": ()}))) == {
        "scannerName": "a",
        "hops": [],
        "by_name": 7,
    }


class Order(BaseModel):
    id: str
    amount: Annotated[int, Field(gt=0)]

    @field_validator("id")
    @classmethod
    def _known(cls, value: str) -> str:
        if value.startswith("secret"):
            raise ValueError(f"{value} is unknown")
        return value


class Kept(Event):
    n: int
    m: int = 0


ORDERS = Subject("order.{id}", Order)


def test_without_a_contract_the_model_is_the_contract() -> None:
    assert ORDERS.decode(b'{"id": "a", "amount": 1}') == Order(id="a", amount=1)
    assert ORDERS.encode(Order(id="a", amount=1)) == b'{"id":"a","amount":1}'
    assert refusal(ORDERS, b'{"id": "secret1", "amount": 0}') == {
        "/id": "what the model's validator takes",
        "/amount": "Input should be greater than 0",
    }


def test_a_model_that_was_changed_is_checked_on_its_way_out() -> None:
    order = Order(id="a", amount=1)
    order.amount = -1
    with pytest.raises(ContractViolation, match="/amount"):
        ORDERS.encode(order)


def test_an_event_without_a_contract_keeps_its_bytes_too() -> None:
    subject = Subject("kept.{n}", Kept)
    assert subject.encode(subject.decode(b'{ "n": 1 }')) == b'{ "n": 1 }'
    assert subject.encode(Kept(n=1)) == b'{"n":1}'


def test_a_contract_that_is_not_there_is_a_problem_of_the_project(tmp_path: Path) -> None:
    subject = Subject("road.{van}", ByRoad, Contracts(tmp_path / "contract.json")["ByRoad"])
    with pytest.raises(ConfigurationError, match="streamworker generate"):
        subject.decode(b"{}")
    (tmp_path / "contract.json").write_text("{}")
    with pytest.raises(ConfigurationError, match="no contract of ByRoad"):
        Subject("road.{van}", ByRoad, Contracts(tmp_path / "contract.json")["ByRoad"]).decode(b"{}")
