"""A value passes if and only if its schema accepts it, and leaves as it came: tried on generated values and bytes."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from streamworker.contract.model import Part, kept
from streamworker.errors import ContractViolation
from streamworker.subject import Subject

from tests.runtime.contract.parcels import Hop, Judge, Scan, Subjects

# The fixtures are made once and hold no state.
relaxed = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0.0, 1.0, 3.0, -0.0, 1e22]),
    st.text(max_size=6),
)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)


def mostly(right: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 19).flatmap(lambda chance: right if chance else anything)


def objects(
    required: dict[str, st.SearchStrategy[Any]], optional: dict[str, st.SearchStrategy[Any]], odd: list[str]
) -> st.SearchStrategy[Any]:
    """Objects of these fields, mostly, with now and then one more of an odd name."""
    known = st.fixed_dictionaries(
        {name: mostly(value) for name, value in required.items()},
        optional={name: mostly(value) for name, value in optional.items()},
    )
    extra = st.one_of(st.just({}), st.just({}), st.dictionaries(st.sampled_from(odd), anything, max_size=2))
    return st.builds(lambda one, other: {**one, **other}, known, extra)


whole = st.integers(0, 5) | st.sampled_from([2.0, 0.0, 1e3, 1e23, 1e300]) | st.integers(0, 1023).map(lambda by: 2.0**by)
moments = st.sampled_from(
    ["2026-01-01T00:00:00.000Z", "2026-01-01t00:00:00z", "2026-12-31T23:59:60Z", "0000-01-01T00:00:00+01:00"]
) | st.sampled_from(["2026-01-01", "2026-02-30T00:00:00Z", "yesterday"])
routes = objects({"kind": st.just("road"), "van": st.text(max_size=3)}, {}, ["x"]) | objects(
    {"kind": st.just("air"), "flightNumber": st.sampled_from(["NH1", "ÄÖ22", "nh1", "NH٣"])},
    {"stops": st.lists(st.text(max_size=2), max_size=2)},
    ["flight_number"],
)
parcels = objects(
    {"parcelId": st.text(min_size=1, max_size=4), "weight": whole, "size": st.floats(0, 9) | whole, "sentAt": moments},
    {
        "url": st.sampled_from(["https://a.test/b", "urn:x", "/relative", "::"]),
        "note": st.text(max_size=3),
        "damage": st.none() | st.text(max_size=3),
        "attempts": whole,
        "route": routes,
    },
    ["parcel_id", "zip"],
)
hops: st.SearchStrategy[Any] = st.deferred(
    lambda: objects({"depotId": whole}, {"isLast": st.booleans(), "via": hops}, ["is_last", "depot_id", "isLast2"])
)
scans = objects(
    {"scannerName": st.text(max_size=3), "hops": st.lists(hops, max_size=3)},
    {
        "byName": st.dictionaries(st.text(max_size=2), hops, max_size=2),
        "payload": anything,
        "yard": st.dictionaries(
            st.sampled_from(["a", "gate_name", "gateName"]), hops | st.text(max_size=2), max_size=2
        ),
    },
    ["scanner_name", "by_name", "hop"],
)
tickets = objects(
    {"level": st.integers(0, 5) | st.sampled_from([2.0, 4.0])},
    {
        "reason": st.text(max_size=3),
        "labels": objects({"main": st.text(max_size=3)}, {"other": st.text(max_size=9)}, ["a", "b"]),
    },
    ["zip"],
)


@relaxed
@given(parcels)
def test_parcels_pass_exactly_where_their_schema_accepts_them(subjects: Subjects, judge: Judge, value: object) -> None:
    check(subjects.parcel, judge, value)


@relaxed
@given(scans)
def test_scans_pass_exactly_where_their_schema_accepts_them(subjects: Subjects, judge: Judge, value: object) -> None:
    check(subjects.scan, judge, value)


@relaxed
@given(tickets)
def test_tickets_pass_exactly_where_their_schema_accepts_them(subjects: Subjects, judge: Judge, value: object) -> None:
    check(subjects.ticket, judge, value)


@pytest.mark.parametrize("values", [parcels, scans, tickets])
def test_the_values_above_are_both_right_and_wrong(values: st.SearchStrategy[Any], judge: Judge) -> None:
    """Else what stands above would prove nothing."""
    name = {id(parcels): "Parcel", id(scans): "Scan", id(tickets): "Ticket"}[id(values)]
    answers: list[bool] = []

    @settings(max_examples=200, database=None)
    @given(values)
    def collect(value: object) -> None:
        answers.append(judge.accepts(name, value))

    collect()
    assert 5 < sum(answers) < len(answers) - 5


def check(subject: Subject[Any], judge: Judge, value: object) -> None:
    data = json.dumps(value, indent=1).encode()
    if not judge.accepts(subject.event.__name__, value):
        with pytest.raises(ContractViolation) as refusal:
            subject.decode(data)
        assert refusal.value.violations
        return
    event = subject.decode(data)
    assert subject.encode(event) == data, "an untouched event leaves as the bytes that it came as"
    again = rebuilt(event)
    with pytest.raises(AttributeError):
        kept(again)
    assert same(json.loads(subject.encode(again)), value), "a rebuilt one as the same JSON value"
    assert again == event


def same(one: object, other: object) -> bool:
    """Whether two JSON values are equal: to Python, true is 1, and 1e23 is not 10**23."""
    return told(one) == told(other)


def told(value: object) -> object:
    match value:
        case bool():
            return str(value)
        case int():
            return Decimal(value)
        case float():
            return Decimal(repr(value))
        case list():
            return list(map(told, value))
        case dict():
            return {key: told(item) for key, item in value.items()}
        case _:
            return value


def rebuilt(value: Any) -> Any:
    """The same event of the same parts, none of which remembers any bytes."""
    if isinstance(value, Part):
        fields = {name: rebuilt(getattr(value, name)) for name in type(value).model_fields}
        more = {name: rebuilt(item) for name, item in (value.model_extra or {}).items() if name not in fields}
        return value.model_copy(update={name: fields[name] for name in value.model_fields_set & fields.keys()} | more)
    if isinstance(value, tuple):
        return tuple(map(rebuilt, value))
    return {key: rebuilt(item) for key, item in value.items()} if isinstance(value, dict) else value


@relaxed
@given(hops)
def test_a_part_moved_into_another_event_is_the_same_json(subjects: Subjects, judge: Judge, value: object) -> None:
    whole_value = {"scannerName": "a", "hops": [value]}
    if judge.accepts("Scan", whole_value):
        (hop,) = subjects.scan.decode(json.dumps(whole_value).encode()).hops
        made = Scan(scanner_name="b", hops=(Hop(depot_id=1, via=hop), hop))
        expected = {"scannerName": "b", "hops": [{"depotId": 1, "via": value}, value]}
        assert same(json.loads(subjects.scan.encode(made)), expected)


@relaxed
@given(st.binary(max_size=60) | anything.map(lambda value: json.dumps(value).encode()))
def test_arbitrary_bytes_are_refused_and_never_crash(subjects: Subjects, data: bytes) -> None:
    for subject in (subjects.parcel, subjects.scan, subjects.ticket):
        with pytest.raises(ContractViolation):
            subject.decode(data)


@relaxed
@given(parcels | scans | tickets, st.data())
def test_damaged_bytes_are_decided_as_their_value_is(
    subjects: Subjects, judge: Judge, value: object, data: st.DataObject
) -> None:
    raw = bytearray(json.dumps(value, ensure_ascii=False).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    for subject in (subjects.parcel, subjects.scan, subjects.ticket):
        assert decodes(subject, bytes(raw)) == accepted(judge, subject.event, bytes(raw))


def decodes(subject: Subject[Any], data: bytes) -> bool:
    try:
        subject.decode(data)
    except ContractViolation:
        return False
    return True


def accepted(judge: Judge, event: type[BaseModel], data: bytes) -> bool:
    """By Python's own parser, which takes a little more than JSON."""
    try:
        value = json.loads(data.decode("utf-8"), parse_constant=_no_json)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except ValueError:
        return False
    return judge.accepts(event.__name__, value)


def _no_json(constant: str) -> object:
    raise ValueError(constant)
