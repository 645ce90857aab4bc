"""The list of `make mutations` is whole, and can be applied to the code as it is. That each test then fails takes its half hour."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.faults.mutations import ROOT, Break, breaks

STAND_INS = {"test_two_hundred_kills_lose_nothing_and_double_nothing": "test_ten_kills_lose_nothing_and_double_nothing"}
"""The same with less of it, where the one that is named takes too long."""


@pytest.mark.parametrize("it", breaks(), ids=lambda it: f"{it.file}: {it.what}")
def test_what_is_to_be_broken_is_there(it: Break) -> None:
    """Where it is not: say in mutations.toml how the promise is broken now, and run `make mutations`."""
    assert it.apply(ROOT / "runtime" / "streamworker")


def test_each_test_of_a_promise_has_something_that_makes_it_fail() -> None:
    tables = [line for page in ("README.md", "docs/guarantees.md") for line in _rows(ROOT / page)]
    named = {STAND_INS.get(name, name) for line in tables for name in re.findall(r"`(test_\w+)`", line)}
    red = {re.sub(r"\[.*", "", test.rpartition("::")[2]) for it in breaks() for test in it.red}
    assert len(named) > 25
    assert named == red


def _rows(page: Path) -> list[str]:
    return [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
