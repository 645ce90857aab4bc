"""`make bench-compile`: `streamworker generate` beside datamodel-code-generator's own command, on the same folders, in one run.

Each size of project is taken step by step, and all steps again in each round, so that what else the machine does goes into all alike.
Every step is a process of its own, as a user's is. The yardstick is the faster of their two fast formatters.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from benchmarks.compiling import ALONE, CHANGED, COLD, FORMATTERS, UNCHANGED, Bench, Run, theirs_options, theirs_with

_SIZES: Final = (10, 100, 500, 2000)
_FEWER: Final = 3  # rounds of the largest
_MEASURED: Final = ("streamworker", "datamodel-code-generator", "pydantic", "ruff")


@dataclass(frozen=True)
class Figure:
    """The rounds of one step: wall time in seconds, the median and the extremes; the median of the processor's; the peak memory in MB."""

    wall: float
    fastest: float
    slowest: float
    cpu: float
    memory: float

    @classmethod
    def of(cls, runs: Sequence[Run]) -> Figure:
        walls = [each.wall for each in runs]
        cpu = statistics.median(each.cpu for each in runs)
        return cls(statistics.median(walls), min(walls), max(walls), cpu, max(each.memory for each in runs))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compile", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", type=int, nargs="+", default=_SIZES, metavar="EVENTS")
    parser.add_argument("--into", type=Path, default=Path(__file__).parent / "results")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _measure(Bench.make(Path(folder), 3), 1)  # so that no size is the first to load anything from disk
        runs = {size: _measure(Bench.make(Path(folder), size), _rounds(size, options.rounds)) for size in options.sizes}
    figures = {size: {name: Figure.of(each) for name, each in steps.items()} for size, steps in runs.items()}
    _save(options.into, _about(options), figures)
    print((options.into / "compile.md").read_text(encoding="utf-8"))


def _rounds(size: int, rounds: int) -> int:
    return min(rounds, _FEWER) if size > 1000 else rounds


def _measure(bench: Bench, rounds: int) -> Mapping[str, Sequence[Run]]:
    found: defaultdict[str, list[Run]] = defaultdict(list)
    for number in range(rounds):
        for name, step in bench.steps():
            run = step(number)
            found[name].append(run)
            print(
                f"{bench.events:5} events, round {number + 1}: {name:28} {run.wall:7.2f} s, CPU {run.cpu:6.2f} s",
                flush=True,
            )
    return found


def _about(options: argparse.Namespace) -> Mapping[str, str]:
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
        "load": f"what else ran: {os.getloadavg()[2]:.1f} processes on average in the last 15 minutes",
        "versions": ", ".join(
            [f"Python {platform.python_version()}", *(f"{each} {version(each)}" for each in _MEASURED)]
        ),
        "rounds": f"{options.rounds}, interleaved; of more than 1,000 events, {min(options.rounds, _FEWER)}",
        "ours": "streamworker generate",
        "theirs": f"datamodel-codegen {' '.join(theirs_options('|'.join(FORMATTERS)))}",
        "command": "make bench-compile",
    }


def _save(folder: Path, about: Mapping[str, str], figures: Mapping[int, Mapping[str, Figure]]) -> None:
    """`compile.json` and `compile.md`."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {
        "about": dict(about),
        "seconds": {size: {name: asdict(each) for name, each in steps.items()} for size, steps in figures.items()},
    }
    (folder / "compile.json").write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    told = [f"- {name}: {value}" for name, value in about.items()]
    tables = [line for size, steps in figures.items() for line in ("", *_table(size, steps))]
    (folder / "compile.md").write_text("\n".join([*told, *tables, "", *_goals(figures), ""]), encoding="utf-8")


def _table(size: int, steps: Mapping[str, Figure]) -> list[str]:
    yardstick = _theirs(steps)
    lines = [
        f"| {size:,} events | median | fastest to slowest | to theirs | CPU | to theirs | memory |",
        "|---|---:|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {name} | {each.wall:.2f} s | {each.fastest:.2f} to {each.slowest:.2f} s | {each.wall / yardstick.wall:.2f} "
        f"| {each.cpu:.2f} s | {each.cpu / yardstick.cpu:.2f} | {each.memory:.0f} MB |"
        for name, each in steps.items()
    ]
    return lines


def _theirs(steps: Mapping[str, Figure]) -> Figure:
    """With whichever formatter was the faster one here."""
    return min((steps[theirs_with(each)] for each in FORMATTERS), key=lambda each: each.wall)


def _goals(figures: Mapping[int, Mapping[str, Figure]]) -> list[str]:
    """What was asked for, beside what was found. On a machine that does other work, the processor's time tells more than the clock."""
    lines = ["| goal | found | by the processor's time |", "|---|---|---|"]
    for size, steps in figures.items():
        cold, theirs = steps[COLD], _theirs(steps)
        ratios = f"{cold.wall / theirs.wall:.2f} times | {cold.cpu / theirs.cpu:.2f} times"
        lines.append(f"| {size:,} events, cold: at most 1.15 times theirs | {ratios} |")
    if 500 in figures:
        same, changed, alone = (figures[500][name] for name in (UNCHANGED, CHANGED, ALONE))
        lines.append(f"| 500 events, no change: under 0.3 s | {same.wall:.2f} s | {same.cpu:.2f} s |")
        beyond = f"{changed.wall - alone.wall:.2f} s | {changed.cpu - alone.cpu:.2f} s"
        lines.append(f"| 500 events, one changed: well under 1 s beyond what two events alone need | {beyond} |")
    return lines


if __name__ == "__main__":
    main()
