"""The comparison of two commits: `make bench-compare`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.compare import Compared, shown
from benchmarks.figures import Ratio
from benchmarks.measure import Figures

ROOT = Path(__file__).parent.parent.parent


def rounds(*cpu: float, complete: bool = True) -> list[Figures]:
    return [Figures(rate=1e6 / each, cpu=each, complete=complete, memory=1.0) for each in cpu]


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (rounds(30, 60, 31), rounds(33, 64, 34), "slower: every round took more CPU"),
        (rounds(30, 60, 31), rounds(27, 55, 29), "faster: every round took less CPU"),
        (rounds(30, 60, 31), rounds(33, 58, 31), "no difference is shown"),
        (rounds(30), rounds(20, complete=False), "NOT COMPLETE: events were lost, doubled or not settled"),
    ],
)
def test_it_says_what_all_rounds_say(before: list[Figures], after: list[Figures], verdict: str) -> None:
    found = Compared(before, after)
    assert found.verdict == verdict
    assert found.is_slower == verdict.startswith("slower")
    assert shown("v1", "HEAD", found).endswith(verdict)


def test_ratios_are_of_pairs_and_not_of_medians() -> None:
    """The machine was slow in the second round, for both."""
    assert str(Ratio.of([33, 66, 30], [30, 60, 30])) == "1.10 (1.00 to 1.10)"


def test_a_round_too_short_to_be_measured_is_no_difference() -> None:
    found = Compared(rounds(30), [Figures(rate=1.0, cpu=0.0, complete=True, memory=1.0)])
    nothing = Compared(found.after, found.before)
    assert str(nothing.cpu) == "nan (nan to nan)"
    assert nothing.verdict == "no difference is shown"


def test_a_commit_is_as_fast_as_itself_or_nearly() -> None:
    command = [sys.executable, "-m", "benchmarks.compare", "HEAD", "--rounds", "1", "--events", "2000"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert "| events/s | " in done.stdout, done.stderr
    assert "NOT COMPLETE" not in done.stdout
    left = subprocess.run(["git", "worktree", "list"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "/HEAD " not in left.stdout


def test_a_commit_that_is_not_there_is_told_before_anything_runs() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.compare", "no-such-branch"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 2
    assert "there is no commit no-such-branch here" in done.stderr
