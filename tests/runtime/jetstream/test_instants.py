from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamworker.jetstream.instants import nanoseconds, to_nanoseconds


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)), st.integers(0, 999))
def test_nanoseconds_are_exact(at: datetime, more: int) -> None:
    whole = int(at.replace(microsecond=0, tzinfo=UTC).timestamp())
    text = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06d}{more:03d}Z"
    assert nanoseconds(text) == whole * 10**9 + at.microsecond * 1000 + more


def test_offsets_count() -> None:
    assert nanoseconds("2026-01-01T01:00:00.5+01:00") == nanoseconds("2026-01-01T00:00:00.500Z")
    assert nanoseconds("2025-12-31T19:30:00-04:30") == nanoseconds("2026-01-01T00:00:00Z")


@pytest.mark.parametrize("text", ["", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00.1234567890Z"])
def test_what_is_no_date_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="date-time"):
        nanoseconds(text)


def test_seconds_become_whole_nanoseconds() -> None:
    assert to_nanoseconds(0.1) == 100_000_000
    assert to_nanoseconds(None) == 0
