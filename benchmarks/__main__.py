"""`make bench`: ours beside its peers and the bare loop, on one job, interleaved, in several rounds; then how that grows.

Every round starts a server in an empty folder, stores a backlog, starts one contestant, and counts what came out of it: a figure
whose outputs are not complete is marked. Ratios count: the machine's other work goes into all of them alike.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from streamworker.options import WorkerOptions

from benchmarks import growth
from benchmarks.contest import PEERS, SHAPES, bare, faststream, natsjs, ours, together
from benchmarks.figures import Summary
from benchmarks.growth import course
from benchmarks.measure import Contestant, Figures, latencies, throughput
from benchmarks.results import IDEAL, Results
from benchmarks.scaling import PROCESSES, Scaled, scaled, shares
from benchmarks.server import Job
from benchmarks.startup import first_settled

PARTS = ("contest", "shapes", "latency", "scaling", "sizes", "refused", "kinds", "course", "starts")


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much is measured. rounds: of the contest; fewer: of all else."""

    rounds: int = 5
    fewer: int = 3
    events: int = 60_000
    lone: int = 500
    course: int = 1_000_000
    divisor: int = 1


QUICK = Size(rounds=1, fewer=1, events=10_000, lone=50, course=50_000, divisor=10)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--part", choices=PARTS, action="append", help="this part alone; may be given several times")
    parser.add_argument("--quick", action="store_true", help="one round of a tenth of everything")
    parser.add_argument("--into", type=Path, default=Path(__file__).parent / "results")
    options = parser.parse_args()
    asyncio.run(_bench(QUICK if options.quick else Size(), options.part or PARTS, options.into))


async def _bench(size: Size, parts: Sequence[str], folder: Path) -> None:
    results = Results(_about(size))
    for part in parts:
        print(f"-- {part}", flush=True)
        await _MEASURE[part](results, size)
        results.save(folder)
    print((folder / "results.md").read_text(encoding="utf-8"))
    _plot(folder)


async def _contest(results: Results, size: Size) -> None:
    """Plain functions: all contestants, and ours once more with a SIGKILL in the middle."""
    contestants = [(bare("plain"), Job(size.events)), (ours("plain"), Job(size.events))]
    if PEERS.exists():
        contestants.append((faststream(), Job(size.events // 8)))
    if (javascript := natsjs()) is not None:
        contestants.append((javascript, Job(size.events // 2)))
    summaries = await _interleaved(contestants, size.rounds)
    killed = await throughput(ours("plain"), Job(size.events), kill_at=0.4)
    _tell("with a SIGKILL in the middle", killed)
    summaries.append(Summary.of("streamworker, killed in the middle", [killed]))
    results.contest = {**results.contest, "A plain function": summaries}


async def _shapes(results: Results, size: Size) -> None:
    for shape in SHAPES[1:]:
        job = Job(size.events // (4 if shape == "spread" else 2))
        found = await _interleaved([(bare(shape), job), (ours(shape), job)], size.fewer)
        results.contest = {**results.contest, shape: found}
    waiting = await _interleaved([(ours("waiting"), Job(size.events))], size.fewer)
    results.contest = {**results.contest, "100 ms each, a thousand at once": [IDEAL, *waiting]}


async def _latency(results: Results, size: Size) -> None:
    peers = [each for each in (faststream() if PEERS.exists() else None, natsjs()) if each is not None]
    results.latencies = {each.name: await latencies(each, size.lone) for each in (bare("plain"), ours("plain"), *peers)}


async def _scaling(results: Results, size: Size) -> None:
    found = []
    for processes in PROCESSES[:2] if size is QUICK else PROCESSES:
        rounds = [await scaled(ours("plain"), processes, Job(size.events)) for _ in range(size.fewer)]
        found.append(sorted(rounds, key=_rate)[len(rounds) // 2])
        print(f"{processes} processes: {found[-1].rate:8,.0f}/s", flush=True)
    results.scaling = found
    results.shares = await shares(together("plain", "instance", "gathered", "waiting"), Job(size.events // 2))


async def _sizes(results: Results, size: Size) -> None:
    for full in growth.SIZES:
        job = replace(full, count=full.count // size.divisor)
        pair = await _interleaved([(bare("plain"), job), (ours("plain"), job)], size.fewer)
        results.sizes = {**results.sizes, job.size: pair}


async def _refused(results: Results, size: Size) -> None:
    plain = ours("plain")
    jobs = [Job(size.events), Job(size.events, invalid=100)]
    names = ["all are valid", "one of a hundred is refused"]
    contestants = [(replace(plain, name=name), job) for name, job in zip(names, jobs, strict=True)]
    results.refused = await _interleaved(contestants, size.fewer)


async def _kinds(results: Results, size: Size) -> None:
    kinds = [
        ("a sound model, no order", "plain", Job(size.events)),
        ("a model that is not sound", "judged", Job(size.events, subject="judged")),
        ("in the order of 100,000 keys", "ordered", Job(size.events, keys=100_000)),
    ]
    results.kinds = await _interleaved(
        [(replace(ours(shape), name=name), job) for name, shape, job in kinds], size.fewer
    )


async def _course(results: Results, size: Size) -> None:
    results.bare_course = await course(bare("plain"), Job(size.course))
    results.course = await course(ours("plain"), Job(size.course))


async def _starts(results: Results, size: Size) -> None:
    both = bare("plain"), ours("plain")
    results.starts = {each.name: [await first_settled(each) for _ in range(2 * size.fewer)] for each in both}


_MEASURE: Mapping[str, Callable[[Results, Size], Awaitable[None]]] = dict(
    zip(PARTS, (_contest, _shapes, _latency, _scaling, _sizes, _refused, _kinds, _course, _starts), strict=True)
)


async def _interleaved(contestants: Sequence[tuple[Contestant, Job]], rounds: int) -> list[Summary]:
    """Round by round, so that what else the machine does meets all of them."""
    found: dict[str, list[Figures]] = {each.name: [] for each, _ in contestants}
    for number in range(rounds):
        for contestant, job in contestants:
            figures = await throughput(contestant, job)
            found[contestant.name].append(figures)
            _tell(f"round {number + 1}: {contestant.name}", figures)
    return [Summary.of(name, each) for name, each in found.items()]


def _tell(what: str, found: Figures) -> None:
    whole = "complete" if found.complete else "NOT COMPLETE"
    print(f"{what:40} {found.rate:8,.0f}/s {found.cpu:6.0f} us {whole}", flush=True)


def _rate(found: Scaled) -> float:
    return found.rate


def _about(size: Size) -> Mapping[str, object]:
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, server on the same machine",
        "job": "consume, validate, publish with an id and its ack, ack; 250-byte JSON; file storage; defaults on",
        "configuration": f"`{WorkerOptions()}`",
        "rounds": f"{size.rounds} of the contest, {size.fewer} of all else; medians",
        "events in a round": f"{size.events:,} (fewer for the slow and the large)",
        "command": "make bench-quick" if size is QUICK else "make bench",
    }


def _plot(folder: Path) -> None:
    """Drawn by the peers' environment, which has what it takes."""
    if PEERS.exists():
        script = Path(__file__).parent / "plot.py"
        os.spawnl(os.P_WAIT, str(PEERS), str(PEERS), str(script), str(folder))


if __name__ == "__main__":
    main()
