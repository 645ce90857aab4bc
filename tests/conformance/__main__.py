"""`make conformance`: every case of the suite, decided by generated code. Exit code 1 where one is decided wrong."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from tests.conformance.deciding import Decision, decide
from tests.conformance.projects import Batch, batches, compiled
from tests.conformance.report import FORMATS, excluded, faults, table
from tests.conformance.suite import DRAFTS, groups, remotes, suite

CACHE: Final = Path(".streamworker/conformance")


def main() -> int:
    folder = suite(CACHE)
    made = batches(group for draft in DRAFTS for group in groups(folder, draft))
    decisions = [each for at, batch in enumerate(made) for each in _decided(batch, folder, at)]
    print(*table(decisions), sep="\n")
    print(f"\nExcluded: {FORMATS}")
    print(*(f"  {each.name}" for each in decisions if excluded(each)), sep="\n")
    wrong = list(faults(decisions, made))
    print("\nWrong:", *wrong, sep="\n  ") if wrong else print("\nNothing is wrong.")
    return 1 if wrong else 0


def _decided(batch: Batch, suite: Path, at: int) -> list[Decision]:
    """Batches are compiled to packages of different names: all of them are imported into one process."""
    subjects = compiled(batch, remotes(suite), CACHE / f"batch{at}")
    return [decide(event, case, subject) for event, subject in subjects for case in event.cases]


if __name__ == "__main__":
    sys.exit(main())
