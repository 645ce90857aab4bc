"""Single keywords of JSON Schema, on values of a model."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated

import pytest
from pydantic import Field, ValidationError
from streamworker.contract import Asserts, Event, Omittable, Part, Timestamp


class Seat(Part):
    row: int
    place: Annotated[Omittable[str], Field(alias="placeName")] = None


class Booking(Event):
    seats: Annotated[Omittable[tuple[Seat, ...]], Asserts("uniqueItems", True)] = None
    times: Annotated[Omittable[tuple[Timestamp, ...]], Asserts("uniqueItems", True)] = None
    numbers: Annotated[Omittable[tuple[int | float, ...]], Asserts("uniqueItems", True)] = None
    names: Annotated[Omittable[Mapping[str, Seat]], Asserts("propertyNames", {"maxLength": 2})] = None
    mail: Annotated[Omittable[str], Asserts("format", "email")] = None
    code: Annotated[Omittable[str], Asserts("pattern", r"^(?=.*\d)\w+$")] = None


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('{"seats": [{"row": 1}, {"row": 1, "placeName": "a"}]}', '{"seats": [{"row": 1}, {"row": 1}]}'),
        (
            '{"times": ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.0Z"]}',
            '{"times": ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"]}',
        ),
        ('{"numbers": [1, 2, 0.5]}', '{"numbers": [1, 1.0]}'),
        ('{"names": {"ab": {"row": 1}}}', '{"names": {"abc": {"row": 1}}}'),
        ('{"mail": "a@b.test"}', '{"mail": "ab.test"}'),
        ('{"code": "a1"}', '{"code": "ab"}'),
    ],
)
def test_they_hold_for_whatever_a_field_holds(right: str, wrong: str) -> None:
    made = Booking.model_validate_json(right)
    assert Booking(**{name: getattr(made, name) for name in made.model_fields_set}) == made
    with pytest.raises(ValidationError):
        Booking.model_validate_json(wrong)


def test_a_pattern_that_never_ends_is_given_up() -> None:
    class Hostile(Event):
        code: Annotated[str, Asserts("pattern", r"^(?=a)(a+)+\1?$")]

    started = time.monotonic()
    with pytest.raises(ValidationError):
        Hostile(code="a" * 40 + "b")
    assert time.monotonic() - started < 5
