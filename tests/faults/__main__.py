"""Faults mixed at random for as long as one likes, then the books: `python -m tests.faults --minutes 60 --seed 7`.

Two workers behind a proxy and one server; every few seconds something is done to one of them. Among the events are killers. In the end every
other event's outputs must stand once, and the killers be the only dead letters.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import secrets
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from math import inf
from pathlib import Path

from tests.faults import books
from tests.faults.load import Event, events
from tests.faults.project import make_project, pipeline
from tests.faults.proxy import Direction, Proxy
from tests.faults.scene import Scene, scene_of
from tests.faults.test_network import is_ack, is_publish_ack
from tests.servers import NatsServer

PER_SECOND = 200
_DEEDS = ("kill", "exit", "segfault", "fail", "large")
_ONCE = ("exit-once", "exit-before-ack", "block:3")


class Mix:
    """The faults, by name: each does its harm, waits, and makes it good."""

    def __init__(self, scene: Scene, server: NatsServer, proxy: Proxy) -> None:
        self._scene = scene
        self._server = server
        self._proxy = proxy
        self._chance = scene.chance
        self.done: Counter[str] = Counter()

    async def one(self) -> None:
        """Do something, and leave it alone for a while."""
        fault = self._chance.choice(self._faults)
        self.done[fault.__name__] += 1
        self._scene.timeline.note(f"fault: {fault.__name__}")
        await fault(self)
        await asyncio.sleep(self._chance.uniform(0.5, 6.0))

    async def worker_killed(self) -> None:
        for pid in self._scene.fleet.pids[:1]:
            self._scene.fleet.signal(signal.SIGKILL, pid)

    async def all_workers_killed(self) -> None:
        for pid in self._scene.fleet.pids:
            self._scene.fleet.signal(signal.SIGKILL, pid)

    async def worker_stopped(self) -> None:
        for pid in self._scene.fleet.pids[:1]:
            self._scene.fleet.signal(signal.SIGSTOP, pid)
            await asyncio.sleep(self._chance.uniform(0.5, 6.0))
            self._scene.fleet.signal(signal.SIGCONT, pid)

    async def worker_restarted(self) -> None:
        for pid in self._scene.fleet.pids[:1]:
            self._scene.fleet.signal(signal.SIGTERM, pid)

    async def fleet_resized(self) -> None:
        self._scene.fleet.size = self._chance.randint(1, 3)

    async def server_killed(self) -> None:
        self._server.restart(kill=True)

    async def server_restarted(self) -> None:
        self._server.restart()

    async def server_stopped(self) -> None:
        self._server.pause()
        await asyncio.sleep(self._chance.uniform(0.5, 15.0))
        self._server.resume()

    async def cut(self) -> None:
        self._proxy.cut()

    async def cut_at_random_bytes(self) -> None:
        self._proxy.lives = (5_000, 400_000)
        await self._for_a_while()

    async def upward_swallowed(self) -> None:
        await self._swallow("up")

    async def downward_swallowed(self) -> None:
        await self._swallow("down")

    async def stalled(self) -> None:
        self._proxy.stall()
        await asyncio.sleep(self._chance.uniform(0.5, 8.0))
        self._proxy.flow()

    async def delayed(self) -> None:
        self._proxy.delay = self._chance.uniform(0.01, 0.3)
        await self._for_a_while()

    async def acks_lost(self) -> None:
        self._proxy.hold = lambda direction, frame: (
            inf if is_ack(direction, frame) and self._chance.random() < 0.5 else 0.0
        )
        await self._for_a_while()

    async def publish_acks_lost(self) -> None:
        self._proxy.hold = lambda direction, frame: (
            inf if is_publish_ack(direction, frame) and self._chance.random() < 0.5 else 0.0
        )
        await self._for_a_while()

    async def _swallow(self, direction: Direction) -> None:
        self._proxy.swallowed = frozenset({direction})
        await self._for_a_while()

    async def _for_a_while(self) -> None:
        await asyncio.sleep(self._chance.uniform(0.5, 5.0))
        self._proxy.heal()

    _faults: tuple[Callable[[Mix], Awaitable[None]], ...] = (
        worker_killed,
        all_workers_killed,
        worker_stopped,
        worker_restarted,
        fleet_resized,
        server_killed,
        server_restarted,
        server_stopped,
        cut,
        cut_at_random_bytes,
        upward_swallowed,
        downward_swallowed,
        stalled,
        delayed,
        acks_lost,
        publish_acks_lost,
    )


def mixed_events(seed: int, count: int) -> tuple[list[Event], set[int]]:
    """Events, one in 2,000 of which is a killer and one in 1,000 kills or blocks once; and the killers' numbers."""
    chance = random.Random(seed)
    killers = {number: chance.choice(_DEEDS) for number in range(count) if chance.random() < 1 / 2_000}
    once = {number: chance.choice(_ONCE) for number in range(count) if chance.random() < 1 / 1_000}
    return events(seed, count, {**once, **killers}), set(killers)


async def run(minutes: float, seed: int, folder: Path) -> str:
    """Do it; what was done, in one line. Raises AssertionError with the story of what went wrong."""
    project = make_project(folder / "project", pipeline(outage="30m"))
    server = NatsServer(folder / "nats").start()
    load, killers = mixed_events(seed, int(minutes * 60 * PER_SECOND * 2))
    try:
        async with (
            Proxy(server.url, seed) as proxy,
            scene_of(project.folder, server.url, seed, through=proxy.url, size=2) as scene,
        ):
            mix, stop = Mix(scene, server, proxy), asyncio.Event()
            publishing = asyncio.create_task(scene.publish(load, per_second=PER_SECOND, stop=stop))
            await _until(time.monotonic() + minutes * 60, mix, scene)
            stop.set()
            proxy.heal()
            scene.fleet.size = 2
            published = await publishing
            dead = killers & {event.number for event in published}
            await scene.exact(published, dead=dead, within=120 + 60 * minutes)
            faults = ", ".join(f"{count} {name}" for name, count in sorted(mix.done.items()))
            return (
                f"{len(published):,} events, {len(dead)} killers, {mix.done.total()} faults ({faults}), "
                f"exits {dict(scene.fleet.exits)}: 0 lost, 0 twice, {len(dead)} dead letters"
            )
    finally:
        server.kill()


async def _until(end: float, mix: Mix, scene: Scene) -> None:
    said = time.monotonic()
    while time.monotonic() < end:
        await mix.one()
        if time.monotonic() - said > 30:
            said = time.monotonic()
            stored = await books.count(scene.client, "SHIPPING")
            print(f"  {mix.done.total()} faults, {stored:,} outputs stored, {end - said:.0f} s left", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    given = parser.parse_args()
    print(f"seed {given.seed}, {given.minutes:g} minutes", flush=True)
    with tempfile.TemporaryDirectory(prefix="streamworker-faults-") as folder:
        (Path(folder) / "nats").mkdir()
        try:
            print(asyncio.run(run(given.minutes, given.seed, Path(folder))))
        except AssertionError as failure:
            print(f"seed {given.seed}: failed\n{failure}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
