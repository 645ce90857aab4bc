"""`make bench`: ours beside its peers and the bare loop, on one job, interleaved, in several rounds.

Every round starts a server in an empty folder, stores a backlog, starts one contestant, and counts what came out of it: a figure
whose outputs are not complete is marked. Ratios count: the machine's other work goes into all of them alike.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.contest import PEERS, SHAPES, bare, faststream, natsjs, ours
from benchmarks.figures import Summary, save
from benchmarks.measure import Contestant, Figures, latencies, throughput

_SLOW = 8  # a contestant that is so many times slower gets a backlog so many times smaller


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--lone", type=int, default=500, help="events of the latency measurement")
    parser.add_argument("--quick", action="store_true", help="one round, a tenth of the events, plain functions alone")
    parser.add_argument("--into", type=Path, default=Path(__file__).parent / "results")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.events, options.lone = 1, options.events // 10, 100
    asyncio.run(_bench(options))


async def _bench(options: argparse.Namespace) -> None:
    contestants = _contestants(quick=options.quick)
    rounds: defaultdict[str, list[Figures]] = defaultdict(list)
    for number in range(options.rounds):
        for contestant, events in contestants:
            found = await throughput(contestant, options.events // events)
            rounds[contestant.name].append(found)
            print(
                f"round {number + 1}: {contestant.name:24} {found.rate:8,.0f}/s {found.cpu:6.0f} us {_whole(found)}",
                flush=True,
            )
    killed = await throughput(ours("plain"), options.events // 2, kill_at=0.4)
    rounds["streamworker, plain, killed"].append(killed)
    print(f"with a SIGKILL in the middle: {_whole(killed)}", flush=True)
    lone = {each.name: await latencies(each, options.lone) for each, _ in contestants if _is_plain(each)}
    summaries = [Summary.of(name, found) for name, found in rounds.items()]
    save(options.into, _about(options), summaries, lone)
    print((options.into / "results.md").read_text(encoding="utf-8"))
    _plot(options.into)


def _contestants(*, quick: bool) -> Sequence[tuple[Contestant, int]]:
    """Each with the divisor of its backlog."""
    found: list[tuple[Contestant, int]] = [(bare("plain"), 1), (ours("plain"), 1)]
    if PEERS.exists():
        found.append((faststream(), _SLOW))
    javascript = natsjs()
    if javascript is not None:
        found.append((javascript, 2))
    if not quick:
        found += [(make(shape), 5 if shape == "spread" else 2) for shape in SHAPES[1:] for make in (bare, ours)]
    return found


def _is_plain(contestant: Contestant) -> bool:
    return contestant.name.endswith(("plain", "FastStream", "nats.js"))


def _whole(found: Figures) -> str:
    return "complete" if found.complete else "NOT COMPLETE"


def _about(options: argparse.Namespace) -> Mapping[str, object]:
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, server on the same machine",
        "job": "consume, validate, publish with an id and its ack, ack; 250-byte JSON; file storage; defaults on",
        "rounds": options.rounds,
        "events in a round": f"{options.events:,} (fewer for the slow)",
        "command": "make bench-quick" if options.quick else "make bench",
    }


def _plot(folder: Path) -> None:
    """Drawn by the peers' environment, which has what it takes."""
    if PEERS.exists():
        script = Path(__file__).parent / "plot.py"
        os.spawnl(os.P_WAIT, str(PEERS), str(PEERS), str(script), str(folder))


if __name__ == "__main__":
    main()
