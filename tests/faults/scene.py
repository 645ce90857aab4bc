"""A scene: a server, a project, its fleet of workers, a client that looks on, and the timeline of what is done to them."""

from __future__ import annotations

import asyncio
import inspect
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from nats.aio.client import Client

from tests.faults import books
from tests.faults.fleet import Fleet
from tests.faults.load import Event, client_of, publish
from tests.faults.timeline import Timeline


@dataclass(frozen=True)
class Scene:
    """chance: all that is random, from the seed."""

    fleet: Fleet
    client: Client
    timeline: Timeline
    chance: random.Random

    def is_gone(self, pid: int) -> bool:
        return pid not in self.fleet.pids

    async def publish(self, load: list[Event], *, per_second: float = 0.0) -> None:
        await publish(self.client, load, per_second=per_second)

    async def until(
        self, condition: Callable[[], bool | Awaitable[bool]], what: str, *, within: float = 30.0, every: float = 0.05
    ) -> None:
        """Wait for a condition; a deadline that passes is told with the seed and the last faults."""
        deadline = time.monotonic() + within
        while True:
            value = condition()
            if await value if inspect.isawaitable(value) else value:
                return
            if time.monotonic() > deadline:
                last = "\n".join(f"  {at:.3f} {text}" for at, text in self.timeline.faults[-10:])
                log = self.fleet.log[-3000:]
                raise AssertionError(
                    f"seed {self.timeline.seed}: not within {within:g} s: {what}; the consumer: "
                    f"{await books.consumer(self.client)}\n{last}\n{log}"
                )
            await asyncio.sleep(every)

    async def stored(self, at_least: int, *, within: float = 30.0) -> None:
        async def enough() -> bool:
            return await books.count(self.client, "SHIPPING") >= at_least

        await self.until(enough, f"{at_least} outputs stored", within=within, every=0.02)

    async def settled(self, *, within: float = 60.0) -> None:
        """Return when all that was published is settled."""
        await self.until(lambda: books.idle(self.client), "all settled", within=within)

    async def exact(self, load: Sequence[Event], *, dead: Collection[int] = (), within: float = 60.0) -> None:
        """Every event's outputs stand once, `dead` are the dead letters, nothing is left unsettled, and all workers stop in order."""
        await self.settled(within=within)
        assert await self.fleet.stop() == [0] * self.fleet.size, self.fleet.log[-3000:]
        await books.verify(self.client, load, self.timeline, dead=dead)


@asynccontextmanager
async def scene_of(
    folder: Path, url: str, seed: int, *, through: str = "", size: int = 1, memory: int = 0
) -> AsyncIterator[Scene]:
    """Start the workers of a generated project, and wait until their pipeline stands. through: what they connect to, if not to `url`."""
    timeline = Timeline(seed, folder / "trace.log")
    fleet = Fleet(folder, through or url, timeline, size=size, memory=memory)
    async with client_of(url) as client, fleet:
        scene = Scene(fleet, client, timeline, random.Random(seed))

        async def stands() -> bool:
            return await books.consumer(client) is not None

        await scene.until(stands, "the pipeline stands", within=60)
        yield scene
