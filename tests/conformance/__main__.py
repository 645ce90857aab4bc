"""`make conformance`: every case of the suite, decided by generated code. Exit code 1 where one is decided wrong."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from tests.conformance.deciding import Decision, decide
from tests.conformance.projects import Batch, batches, compiled
from tests.conformance.suite import DRAFTS, groups, remotes, suite

CACHE = Path(".streamworker/conformance")


def main() -> int:
    folder = suite(CACHE)
    made = batches(group for draft in DRAFTS for group in groups(folder, draft))
    decisions = [each for at, batch in enumerate(made) for each in _decided(batch, folder, at)]
    for batch in made:
        for name, why in batch.refused.items():
            print("REFUSED", name, why)
    for each in decisions:
        if each.wrong:
            print("WRONG", each.wrong, "|", each.name, "|", each.detail[:300])
    print(len(decisions), Counter(each.wrong for each in decisions), Counter(each.by_model for each in decisions))
    return 0


def _decided(batch: Batch, folder: Path, at: int) -> list[Decision]:
    subjects = compiled(batch, remotes(folder), CACHE / f"batch{at}")
    return [decide(event, case, subject) for event, subject in subjects for case in event.cases]


if __name__ == "__main__":
    sys.exit(main())
