"""A scene: a server, a project, its fleet of workers, a client that looks on, and the timeline of what is done to them."""

from __future__ import annotations

import asyncio
import inspect
import json
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from nats.aio.client import Client
from nats.aio.msg import Msg
from typing_extensions import TypedDict, Unpack

from tests.faults import books
from tests.faults.fleet import Fleet, FleetOptions
from tests.faults.load import Event, client_of, publish
from tests.faults.timeline import Timeline


class Verified(TypedDict, total=False):
    """What `verify` may be told."""

    dead: Collection[int]
    gone: Sequence[Event]
    purged: Sequence[Msg]
    twice: bool


@dataclass(frozen=True)
class Scene:
    """chance: all that is random, from the seed."""

    fleet: Fleet
    client: Client
    timeline: Timeline
    chance: random.Random

    def is_gone(self, pid: int) -> bool:
        return pid not in self.fleet.pids

    async def publish(
        self, load: list[Event], *, per_second: float = 0.0, stop: asyncio.Event | None = None
    ) -> list[Event]:
        return await publish(self.client, load, per_second=per_second, stop=stop)

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

    async def exact(self, load: Sequence[Event], *, within: float = 60.0, **verified: Unpack[Verified]) -> int:
        """Every event's outputs stand once, nothing is left unsettled, and all workers stop in order. Returns what `verify` does."""
        await self.settled(within=within)
        codes = await self.fleet.stop()
        assert codes == [0] * self.fleet.size, f"exit codes {codes}\n{self.fleet.log[-3000:]}"
        return await books.verify(self.client, load, self.timeline, **verified)

    async def in_order(self, *, parts: bool = True) -> None:
        """The outputs of each customer stand in the order in which his orders were stored. parts: those of one order in theirs, too."""
        orders = await books.messages(self.client, "ORDERS")
        rank = {json.loads(each.data)["number"]: at for at, each in enumerate(orders)}
        last: dict[int, tuple[int, int]] = {}
        for message in await books.messages(self.client, "SHIPPING"):
            output = json.loads(message.data)
            place = rank[output["number"]], output["part"] if parts else 0
            before = last.get(output["customer"], (-1, 0))
            assert place > before or (place == before and not parts), (
                f"seed {self.timeline.seed}: customer {output['customer']}: {place} behind {before}\n"
                + self.timeline.of(output["number"], [])
            )
            last[output["customer"]] = place

    def starts(self) -> Counter[int]:
        """How often the handler was started with each event."""
        trace = self.timeline.trace
        return Counter(int(line.split()[2]) for line in trace.read_text().splitlines()) if trace.exists() else Counter()


@asynccontextmanager
async def scene_of(
    folder: Path,
    url: str,
    seed: int,
    *,
    through: str = "",
    creds: Path | None = None,
    **fleet_options: Unpack[FleetOptions],
) -> AsyncIterator[Scene]:
    """Start the workers of a generated project, and wait until their pipeline stands.

    through: what they connect to, if not to `url`. creds: our own credentials.
    """
    timeline = Timeline(seed, folder / "trace.log")
    fleet = Fleet(folder, through or url, timeline, **fleet_options)
    async with client_of(url, creds) as client, fleet:
        scene = Scene(fleet, client, timeline, random.Random(seed))

        async def stands() -> bool:
            return await books.consumer(client) is not None

        await scene.until(stands, "the pipeline stands", within=60)
        yield scene
