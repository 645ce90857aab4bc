"""`make bench-compare REF=...`: two commits on the same job, in turns. Exit code 1 if the later one takes more CPU for an event.

Each commit runs from a checkout of its own, with its own project, in this environment. The machine's other work goes into both alike, so
that ratios count: in every round one is divided by the other, and the table shows the median and the extremes of that.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contest import HERE, ours
from benchmarks.figures import Ratio, table
from benchmarks.measure import Contestant, Figures, throughput
from benchmarks.server import Job

_NOTHING = 0.02  # of difference: what two runs of the same commit may show


@dataclass(frozen=True)
class Compared:
    """The rounds of two commits."""

    before: Sequence[Figures]
    after: Sequence[Figures]

    @property
    def cpu(self) -> Ratio:
        return Ratio.of([each.cpu for each in self.after], [each.cpu for each in self.before])

    @property
    def rate(self) -> Ratio:
        return Ratio.of([each.rate for each in self.after], [each.rate for each in self.before])

    @property
    def is_slower(self) -> bool:
        """Whether all rounds say so."""
        return self.cpu.least > 1 + _NOTHING

    @property
    def verdict(self) -> str:
        if not all(each.complete for each in (*self.before, *self.after)):
            return "NOT COMPLETE: events were lost, doubled or not settled"
        if self.is_slower:
            return "slower: every round took more CPU"
        return "faster: every round took less CPU" if self.cpu.most < 1 - _NOTHING else "no difference is shown"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__)
    parser.add_argument("ref", help="the earlier commit")
    parser.add_argument("--to", default="HEAD", help="the later one")
    parser.add_argument("--shape", default="plain", help="the worker of benchmarks/project that runs")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--events", type=int, default=40_000)
    options = parser.parse_args()
    for ref in (options.ref, options.to):
        if not is_commit(ref):
            parser.error(f"there is no commit {ref} here: name one that `git log` shows, a branch or a tag")
    with checkout(options.ref) as before, checkout(options.to) as after:
        contestants = [ours(options.shape, root=root, name=root.name) for root in (before, after)]
        found = asyncio.run(compared(contestants, Job(options.events), options.rounds))
    print(shown(options.ref, options.to, found))
    sys.exit(1 if found.is_slower or "NOT" in found.verdict else 0)


async def compared(contestants: Sequence[Contestant], job: Job, rounds: int) -> Compared:
    """In turns, and each first in every other round."""
    found: tuple[list[Figures], list[Figures]] = ([], [])
    for number in range(rounds):
        for at in (0, 1) if number % 2 == 0 else (1, 0):
            found[at].append(await throughput(contestants[at], job))
        told = ", ".join(f"{each[-1].rate:,.0f}/s {each[-1].cpu:.1f} us" for each in found)
        print(f"round {number + 1}: {told}", flush=True)
    return Compared(*found)


def shown(ref: str, to: str, found: Compared) -> str:
    """A table, and what it says."""
    rows = [
        ("events/s", *(f"{_median(each, 'rate'):,.0f}" for each in (found.before, found.after)), found.rate),
        ("CPU per event, us", *(f"{_median(each, 'cpu'):.1f}" for each in (found.before, found.after)), found.cpu),
    ]
    return f"\n{table(f' | {ref}: | {to}: | {to} to {ref}', rows)}\n\n{to} against {ref}: {found.verdict}"


@contextmanager
def checkout(commit: str) -> Iterator[Path]:
    """A folder with that commit, as long as it is needed."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / commit.replace("/", "-")
        _git("worktree", "add", "--quiet", "--detach", str(root), commit)
        try:
            yield root
        finally:
            _git("worktree", "remove", "--force", str(root))


def is_commit(ref: str) -> bool:
    """Whether git knows it."""
    asked = ["git", "rev-parse", "--quiet", "--verify", "--end-of-options", f"{ref}^{{commit}}"]
    return subprocess.run(asked, cwd=HERE, check=False, capture_output=True).returncode == 0


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=HERE, check=True)


def _median(rounds: Sequence[Figures], name: str) -> float:
    ordered = sorted(getattr(each, name) for each in rounds)
    return float(ordered[len(ordered) // 2])


if __name__ == "__main__":
    main()
