"""A worker's memory over many events with faults, and over a long time with a dead server: `python -m tests.faults.memory --help`.

The same worker all the time: its connection is cut, stalled and made late every few seconds while the events pass; then its server is killed
and stays dead. It writes what it saw, second by second, as JSON; `benchmarks/plot_memory.py` draws it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from nats.aio.client import Client

from tests.faults import books
from tests.faults.project import make_project, pipeline
from tests.faults.proxy import Proxy
from tests.faults.scene import Scene, scene_of
from tests.servers import NatsServer

_AHEAD = 20_000  # events that may wait in the stream
_AT_ONCE = 500
_PAGE = 4096


@dataclass
class Course:
    """Seconds, outputs so far (none in the second part), and MB of the worker."""

    seconds: list[float] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


@dataclass
class Seen:
    """faults: how many there were while events passed. published: how many events."""

    seed: int
    published: int = 0
    faults: int = 0
    stored: int = 0
    passing: Course = field(default_factory=Course)
    dead: Course = field(default_factory=Course)


def memory_of(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE / 1e6


async def pass_events(scene: Scene, proxy: Proxy, seen: Seen, count: int) -> None:
    """Publish `count` events past the proxy, with faults on the worker's side of it, until all outputs are stored."""
    (pid,) = scene.fleet.pids
    since, chance = time.monotonic(), random.Random(seen.seed)
    publishing = asyncio.create_task(_publish(scene.client, seen, count))
    harming = asyncio.create_task(_harm(proxy, seen, chance))
    while seen.stored < count:
        await asyncio.sleep(1)
        seen.stored = max(seen.stored, await books.count(scene.client, "SHIPPING"))
        seen.passing.seconds.append(time.monotonic() - since)
        seen.passing.outputs.append(seen.stored)
        seen.passing.memory.append(memory_of(pid))
    harming.cancel()
    proxy.heal()
    await publishing
    await scene.settled(within=120)
    seen.stored = await books.count(scene.client, "SHIPPING")
    assert scene.fleet.pids == [pid], "it is another process"


async def outlive(scene: Scene, server: NatsServer, seen: Seen, minutes: float) -> None:
    """Kill the server, wait, and have it back: the same process goes on. Acks that a killed server had not written down come again, and behind
    the window that is twice: it is no place to count."""
    (pid,) = scene.fleet.pids
    server.kill()
    since = time.monotonic()
    while (passed := time.monotonic() - since) < minutes * 60:
        seen.dead.seconds.append(passed)
        seen.dead.memory.append(memory_of(pid))
        await asyncio.sleep(10)
    server.start()
    await scene.stored(seen.stored, within=60)
    await _publish(scene.client, seen, seen.published + 1_000)
    await scene.stored(seen.stored + 1_000, within=60)
    await scene.settled()
    assert scene.fleet.pids == [pid], "it is another process"


async def run(events: int, minutes: float, seed: int, folder: Path) -> Seen:
    project = make_project(folder / "project", pipeline(ack_wait="30s"))
    (folder / "nats").mkdir()
    server = NatsServer(folder / "nats").start()
    seen = Seen(seed)
    try:
        async with (
            Proxy(server.url, seed) as proxy,
            scene_of(project.folder, server.url, seed, through=proxy.url) as scene,
        ):
            await pass_events(scene, proxy, seen, events)
            assert seen.stored == events, f"{seen.stored} outputs of {events} events"
            await outlive(scene, server, seen, minutes)
    finally:
        server.kill()
    return seen


async def _publish(client: Client, seen: Seen, until: int) -> None:
    while seen.published < until:
        while seen.published > seen.stored + _AHEAD:  # noqa: ASYNC110 - what is stored is polled elsewhere
            await asyncio.sleep(0.05)
        for number in range(seen.published, min(until, seen.published + _AT_ONCE)):
            value = {"number": number, "customer": number % 64, "deed": "", "parts": 1, "note": f"{number:016x}"}
            await client.publish(f"order.ordered.{number % 64}", json.dumps(value).encode())
        await client.flush()
        seen.published = min(until, seen.published + _AT_ONCE)


async def _harm(proxy: Proxy, seen: Seen, chance: random.Random) -> None:
    while True:
        await asyncio.sleep(chance.uniform(2.0, 6.0))
        seen.faults += 1
        match chance.choice(("cut", "stall", "late", "fray")):
            case "cut":
                proxy.cut()
            case "stall":
                proxy.stall()
                await asyncio.sleep(1)
                proxy.flow()
            case "late":
                proxy.delay = 0.05
                await asyncio.sleep(1)
            case _:
                proxy.lives = (100_000, 1_000_000)
                await asyncio.sleep(2)
        proxy.heal()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.memory", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--minutes", type=float, default=60.0, help="with a dead server")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--into", type=Path, default=Path("benchmarks/results/memory.json"))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="streamworker-memory-") as folder:
        seen = asyncio.run(run(given.events, given.minutes, given.seed, Path(folder)))
    given.into.parent.mkdir(parents=True, exist_ok=True)
    given.into.write_text(json.dumps(asdict(seen)) + "\n", encoding="utf-8")
    first, last = seen.passing.memory[len(seen.passing.memory) // 10], seen.passing.memory[-1]
    print(
        f"{seen.published:,} events, {seen.faults} faults: {first:.0f} MB after a tenth, {last:.0f} MB at the end; "
        f"{given.minutes:g} minutes with a dead server: {seen.dead.memory[0]:.0f} to {seen.dead.memory[-1]:.0f} MB"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
