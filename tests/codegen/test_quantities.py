"""Durations and sizes, read and shown."""

from __future__ import annotations

import pytest
from streamworker_codegen.quantities import seconds, show_seconds, show_size, size, span


@pytest.mark.parametrize(
    ("text", "value"), [("500ms", 0.5), ("1ms", 0.001), ("30s", 30), ("10m", 600), ("24h", 86_400), ("30d", 2_592_000)]
)
def test_durations_are_seconds(text: str, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize(
    ("text", "value"), [(1024, 1024), ("1B", 1), ("512KiB", 524_288), ("2GiB", 2**31), ("1TiB", 2**40)]
)
def test_sizes_are_bytes(text: str | int, value: int) -> None:
    assert size(text) == value


def test_a_span_has_two_ends_or_one_for_both() -> None:
    assert span("1s..1m") == (1, 60)
    assert span("5s") == (5, 5)


@pytest.mark.parametrize(
    ("value", "text"), [(2250.0, "37m30s"), (86_400.0, "1d"), (0.25, "250ms"), (90_061.0, "1d1h"), (60.0, "1m")]
)
def test_durations_for_people_have_two_units_at_most(value: float, text: str) -> None:
    assert show_seconds(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(1, "1 B"), (65_536, "64 KiB"), (1024**2, "1.0 MiB"), (562.5e6, "536 MiB"), (2**42, "4.0 TiB")]
)
def test_sizes_for_people(value: float, text: str) -> None:
    assert show_size(value) == text
