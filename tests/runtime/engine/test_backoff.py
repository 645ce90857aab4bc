"""Delays between attempts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from streamworker.engine.backoff import bounded, delay
from streamworker.options import RetryOptions

OPTIONS = RetryOptions(shortest=1.0, longest=60.0)


@given(st.integers(1, 10_000))
def test_a_delay_is_never_longer_than_the_longest_nor_shorter_than_half_the_shortest(attempt: int) -> None:
    assert 0.5 <= delay(attempt, OPTIONS) <= 60.0


def test_delays_double_until_the_longest() -> None:
    ceilings = [max(delay(attempt, OPTIONS) for _ in range(300)) for attempt in range(1, 9)]
    assert [round(ceiling, -1 if ceiling > 15 else 0) for ceiling in ceilings] == [1, 2, 4, 8, 20, 30, 60, 60]


@given(st.floats(allow_nan=False))
def test_a_delay_that_a_handler_asks_for_is_held_within_bounds(after: float) -> None:
    assert 0.0 <= bounded(after, OPTIONS) <= 60.0
