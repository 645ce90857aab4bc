"""Ticks of a timer, on clocks of the test's own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from streamworker.ingest.spec import TimerSpec
from streamworker.ingest.ticks import begin, due, period, tick_data, tick_id, tick_text, until_next
from streamworker.subject import Subject


class Due(BaseModel, frozen=True):
    at: str
    every: int


DUE = Subject("reconcile.due", Due)
SPEC = TimerSpec(name="reconcile", every=600.0, subject=DUE)


def seen(clock: list[int], *, every: int = 10, last: int | None = None) -> list[int]:
    """The ticks of a timer that looks at the clock at these moments."""
    last = begin(clock[0], every, last)
    ticks = []
    for now in clock:
        last = begin(now, every, last)
        if (tick := due(now, every, last)) is not None:
            ticks.append(tick)
            last = tick
    return ticks


def test_ticks_are_multiples_of_the_period() -> None:
    assert seen([5, 10, 15, 20, 30]) == [10, 20, 30]


def test_the_first_of_all_is_the_next() -> None:
    assert seen([10, 15, 20]) == [20]


def test_ticks_that_passed_unseen_are_skipped_but_for_the_latest() -> None:
    assert seen([5, 10, 57, 60]) == [10, 50, 60]


def test_what_was_missed_while_nobody_ran_is_caught_up_once() -> None:
    assert seen([57, 58, 60], last=10) == [50, 60]
    assert seen([57, 58, 60], last=50) == [60]


def test_a_clock_that_is_set_back_repeats_no_tick() -> None:
    assert seen([5, 10, 2, 9, 10, 20]) == [10, 20]


def test_a_last_tick_far_ahead_is_of_a_clock_that_was_wrong() -> None:
    assert seen([5, 10, 20], last=1_000_000) == [10, 20]
    assert seen([5, 1_000_000, 7, 10, 20]) == [1_000_000, 10, 20]


@given(
    st.integers(1, 50),
    st.lists(st.integers(0, 30), min_size=1, max_size=60),
    st.integers(0, 10_000) | st.none(),
)
def test_on_a_clock_that_goes_forward_each_tick_is_seen_at_most_once_and_in_order(
    every: int, steps: list[int], last: int | None
) -> None:
    clock = [10_000]
    for step in steps:
        clock.append(clock[-1] + step)
    ticks = seen(clock, every=every, last=last)
    assert ticks == sorted(set(ticks))
    assert all(tick % every == 0 for tick in ticks)
    assert all(last is None or tick > last for tick in ticks)
    if last is not None or clock[-1] // every > clock[0] // every:
        assert clock[-1] - max([last or 0, *ticks]) < every, "the latest is never missed"


@given(st.integers(0, 2**42), st.integers(1, 10**9), st.integers(0, 10**9))
def test_waiting_ends_at_the_next_tick(now: int, every: int, before: int) -> None:
    last = begin(now, every, max(0, now - before))
    if due(now, every, last) is None:
        then = now + round(until_next(now, every, last) * 1000)
        assert due(then, every, last) == then
        assert due(then - 1, every, last) is None


def test_a_tick_has_the_fields_that_its_event_has() -> None:
    assert tick_data(SPEC, 1_800_000_000_000) == b'{"at": "2027-01-15T08:00:00Z", "every": 600}'
    assert DUE.decode(tick_data(SPEC, 1_800_000_000_000)) == Due(at="2027-01-15T08:00:00Z", every=600)


def test_its_id_is_the_tick() -> None:
    assert tick_id(SPEC, 1_800_000_000_000) == "reconcile-1800000000000"


@pytest.mark.parametrize(
    ("every", "milliseconds", "tick", "text"),
    [
        (0.1, 100, 300, "1970-01-01T00:00:00.300Z"),
        (0.5, 500, 1000, "1970-01-01T00:00:01Z"),
        (86400.0, 86_400_000, 0, "1970-01-01T00:00:00Z"),
    ],
)
def test_periods_of_less_than_a_second_do_not_drift(every: float, milliseconds: int, tick: int, text: str) -> None:
    assert period(TimerSpec(name="t", every=every, subject=DUE)) == milliseconds
    assert tick_text(tick) == text
