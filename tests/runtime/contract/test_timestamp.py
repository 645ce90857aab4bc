"""Timestamps keep their text, and are read exactly where jsonschema-rs asserts the format."""

import copy
import json
import pickle
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

import jsonschema_rs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic_core import PydanticSerializationError
from streamworker.contract import Event, Json, Part, Timestamp
from streamworker.contract.timestamp import WrittenTime

accepted = jsonschema_rs.validator_for({"type": "string", "format": "date-time"}, validate_formats=True).is_valid


class Tick(Event):
    at: Timestamp


KEPT = [
    "2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00.000Z",
    "2026-01-01T00:00:00.5Z",
    "2026-01-01T00:00:00.123456789Z",
    "2026-01-01T00:00:00.0000000000000000000001+05:30",
    "2026-01-01t00:00:00z",
    "2026-01-01T00:00:00-00:00",
    "2026-12-31T23:59:60Z",
    "2027-01-01T09:29:60.25+09:30",
    "0000-02-29T00:00:00Z",
    "0000-12-31T23:59:60z",
    "9999-12-31T23:59:59.999999999-23:59",
]
REFUSED = [
    "",
    "2026-01-01",
    "2026-01-01 00:00:00Z",
    "2026-01-01T00:00:00",
    "2026-01-01T00:00Z",
    "2026-01-01T24:00:00Z",
    "2026-02-29T00:00:00Z",
    "0000-02-30T00:00:00Z",
    "2026-12-31T23:58:60Z",
    "2026-12-31T23:59:60+01:00",
    "2026-01-01T00:00:00+24:00",
    "2026-01-01T00:00:00+00:60",
    "2026-01-01T00:00:00,5Z",
    "2026-W01-1T00:00:00Z",
    "20260101T000000Z",
    "２026-01-01T00:00:00Z",
    "2026-01-01T00:00:00Z\n",
]


@pytest.mark.parametrize("text", KEPT)
def test_text_leaves_as_it_came(text: str) -> None:
    assert accepted(text)
    tick = Tick.model_validate_json(f'{{"at":"{text}"}}')
    assert tick.model_dump_json() == f'{{"at":"{text}"}}'
    assert Tick(at=tick.at).model_dump_json() == f'{{"at":"{text}"}}'


@pytest.mark.parametrize("text", REFUSED)
def test_what_the_format_refuses_is_refused(text: str) -> None:
    assert not accepted(text)
    with pytest.raises(ValueError, match=r"date-time|day|month|second|isoformat"):
        WrittenTime.read(text)


two = st.integers(0, 99).map("{:02}".format)
looks_like_one = st.builds(
    "{}-{}-{}{}{}:{}:{}{}{}".format,
    st.sampled_from(["0000", "0001", "2000", "2026", "9999"]),
    two,
    two,
    st.sampled_from("Tt T"),
    two,
    two,
    st.one_of(two, st.just("60")),
    st.sampled_from(["", ".", ".0", ".123", ".1234567890123"]),
    st.one_of(st.sampled_from(["Z", "z", ""]), st.builds("{}{}:{}".format, st.sampled_from("+-"), two, two)),
)
leap_seconds = st.builds(
    "2026-{:02}-01T{:02}:{:02}:60{}{:02}:{:02}".format,
    st.integers(1, 12),
    st.integers(0, 23),
    st.integers(0, 59),
    st.sampled_from("+-"),
    st.integers(0, 23),
    st.sampled_from([0, 30, 59]),
)
real_ones = st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.isoformat())


@given(st.one_of(looks_like_one, leap_seconds, real_ones, st.text(max_size=30)))
@example("0001-01-01T00:00:00+01:00")
@example("9999-12-31T23:59:60Z")
def test_reads_exactly_what_the_format_accepts(text: str) -> None:
    try:
        WrittenTime.read(text)
        read = True
    except ValueError:
        read = False
    assert read == accepted(text)


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=st.timezones()))
def test_one_made_in_code_is_written_as_the_same_moment(moment: datetime) -> None:
    written = str(WrittenTime.of(moment))
    assert accepted(written)
    # In UTC: where a clock is set back, Python holds no moment for equal to one in another zone.
    assert datetime.fromisoformat(written).astimezone(UTC) == moment.astimezone(UTC)


def test_one_in_utc_is_written_with_z() -> None:
    assert str(WrittenTime.of(datetime(2026, 1, 2, tzinfo=UTC))) == "2026-01-02T00:00:00Z"


def test_one_with_seconds_in_its_offset_is_written_in_utc() -> None:
    """RFC 3339 has no seconds in offsets."""
    odd = timezone(timedelta(hours=1, seconds=30))
    assert str(WrittenTime.of(datetime(2026, 1, 2, 1, 0, 30, tzinfo=odd))) == "2026-01-02T00:00:00Z"


@pytest.mark.parametrize("bad", [datetime(2026, 1, 1), "2026-01-01T00:00:00Z", 0, None])
def test_in_code_only_a_datetime_with_an_offset_is_taken(bad: object) -> None:
    with pytest.raises(ValidationError):
        Tick(at=bad)  # type: ignore[arg-type]  # what the type checker refuses, the validator does


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda moment: pickle.loads(pickle.dumps(moment))])
def test_a_copy_keeps_the_text(again: object) -> None:
    moment = WrittenTime.read("2026-01-01T00:00:00.000z")
    assert callable(again)
    assert str(again(moment)) == "2026-01-01T00:00:00.000z"


def test_what_is_calculated_from_it_is_written_anew() -> None:
    tick = Tick.model_validate_json('{"at":"2026-01-01T00:00:00.000z"}')
    later = Tick(at=tick.at + timedelta(seconds=1))
    assert later.model_dump_json() == '{"at":"2026-01-01T00:00:01Z"}'
    assert str(tick.at.replace(year=2027)) == "2027-01-01T00:00:00Z"


def test_it_is_the_moment_that_counts_for_equality() -> None:
    assert WrittenTime.read("2026-01-01T00:00:00.000Z") == datetime(2026, 1, 1, tzinfo=UTC)
    assert hash(WrittenTime.read("2026-01-01T01:00:00+01:00")) == hash(datetime(2026, 1, 1, tzinfo=UTC))


class Note(Part):
    text: str


class Log(Event):
    entry: Timestamp | Note | int
    rows: tuple[Timestamp, ...] | tuple[Json, ...]
    by_name: Mapping[str, Timestamp] | Mapping[str, Json] | None = None


texts = st.sampled_from(KEPT)
scalars = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3) | texts
entries = texts | st.integers() | st.fixed_dictionaries({"text": st.text(max_size=3)})
rows = st.lists(texts, max_size=3) | st.lists(scalars | st.lists(texts, max_size=1), max_size=3)
names = st.dictionaries(st.text(max_size=2), texts, max_size=2) | st.dictionaries(st.text(max_size=2), scalars)


@given(st.fixed_dictionaries({"entry": entries, "rows": rows, "by_name": st.none() | names}))
def test_other_members_of_its_union_are_written_as_theirs(value: dict[str, object]) -> None:
    log = Log.model_validate_json(json.dumps(value))
    made = Log(entry=log.entry, rows=log.rows, by_name=log.by_name)
    assert json.loads(made.model_dump_json(warnings="error")) == value


def test_what_is_no_moment_is_not_written_as_one() -> None:
    with pytest.raises(PydanticSerializationError):
        Tick.model_construct(at=Note(text="a")).model_dump_json(warnings="error")
