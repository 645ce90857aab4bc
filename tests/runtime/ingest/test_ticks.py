"""Ticks of a timer, on a clock of the test's own."""

from __future__ import annotations

from pydantic import BaseModel
from streamworker.ingest.spec import TimerSpec
from streamworker.ingest.ticks import tick_data, tick_id, ticks
from streamworker.subject import Subject


class Due(BaseModel, frozen=True):
    at: str
    every: int


DUE = Subject("reconcile.due", Due)
SPEC = TimerSpec(name="reconcile", every=600.0, subject=DUE)


class Clock:
    """A clock that goes on by a step whenever it is looked at."""

    def __init__(self, *moments: float) -> None:
        self._moments = list(moments)

    def __call__(self) -> float:
        return self._moments.pop(0) if len(self._moments) > 1 else self._moments[0]


async def first(count: int, every: float, clock: Clock) -> list[float]:
    seen = []
    async for tick in ticks(every, clock=clock):
        seen.append(tick)
        if len(seen) == count:
            break
    return seen


async def test_ticks_are_multiples_of_the_period() -> None:
    assert await first(3, 10.0, Clock(5, 10, 20.5, 30)) == [10, 20, 30]


async def test_ticks_that_passed_unseen_are_skipped_but_for_the_last() -> None:
    assert await first(2, 10.0, Clock(5, 10, 57, 60)) == [10, 50]


async def test_a_clock_that_is_set_back_repeats_no_tick() -> None:
    assert await first(2, 10.0, Clock(5, 10, 2, 9.99999, 10, 20)) == [10, 20]


def test_a_tick_has_the_fields_that_its_event_has() -> None:
    assert tick_data(SPEC, 1_800_000_000) == b'{"at": "2027-01-15T08:00:00Z", "every": 600}'
    assert DUE.decode(tick_data(SPEC, 1_800_000_000)) == Due(at="2027-01-15T08:00:00Z", every=600)


def test_its_id_is_the_tick() -> None:
    assert tick_id(SPEC, 1_800_000_000) == "reconcile-1800000000000"
