"""The input: events made from a seed, each published with an id and again until the server has it, so that the input itself is exact."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import nats
from nats.aio.client import Client
from nats.errors import Error as NatsError

_AT_ONCE = 256
_ANSWER = 3.0
CUSTOMERS = 64


@dataclass(frozen=True)
class Event:
    """deed: what it does to the process that handles it. parts: how many outputs it has."""

    number: int
    customer: int
    deed: str
    parts: int
    note: str

    @property
    def subject(self) -> str:
        return f"order.ordered.{self.customer}"

    @property
    def data(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    def outputs(self) -> Iterator[tuple[int, int, int, str]]:
        """What is to stand in the sink, as number, customer, part and note."""
        for part in range(self.parts):
            yield self.number, self.customer, part, self.note[::-1]


def events(seed: int, count: int, deeds: Mapping[int, str] | None = None, *, parts: int = 3) -> list[Event]:
    """Events 0 to `count`: one in ten of them with up to `parts` outputs, and every third handled in some milliseconds rather than at once."""
    chance = random.Random(seed)
    return [
        Event(
            number,
            chance.randrange(CUSTOMERS),
            (deeds or {}).get(number, "" if number % 3 else f"sleep:{chance.uniform(0.001, 0.03):.4f}"),
            chance.randint(2, parts) if parts > 1 and chance.random() < 0.1 else 1,
            f"{chance.getrandbits(64):016x}",
        )
        for number in range(count)
    ]


@dataclass(frozen=True)
class Gift(Event):
    """An order as only the newer contract knows it: somebody else pays."""

    payer: str = "an aunt"


def gifts(seed: int, numbers: range) -> list[Event]:
    """Gifts of these numbers."""
    chance = random.Random(seed)
    return [Gift(number, chance.randrange(CUSTOMERS), "", 1, f"{chance.getrandbits(64):016x}") for number in numbers]


@asynccontextmanager
async def client_of(url: str, creds: Path | None = None) -> AsyncIterator[Client]:
    """A client that outlives the death of its server."""

    async def hush(_: Exception) -> None:
        """A dead server is what these tests are about."""

    client = await nats.connect(
        url.split(","),
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.1,
        error_cb=hush,
        user_credentials=str(creds) if creds else None,
    )
    try:
        yield client
    finally:
        with suppress(OSError):  # its server may be dead
            await client.close()


async def publish(
    client: Client, load: list[Event], *, per_second: float = 0.0, stop: asyncio.Event | None = None
) -> list[Event]:
    """Publish `load`, in order as far as the server is well; evenly over time, where that is asked for; no more of it once `stop` is set.

    Returns what was published.
    """
    published = []
    loop = asyncio.get_running_loop()
    since, room = loop.time(), asyncio.Semaphore(_AT_ONCE)
    async with asyncio.TaskGroup() as group:
        for at, event in enumerate(load):
            await room.acquire()
            if stop is not None and stop.is_set():
                break
            if per_second and at % 20 == 0:
                await asyncio.sleep(max(0.0, since + at / per_second - loop.time()))
            published.append(event)
            group.create_task(_store(client, event)).add_done_callback(lambda _: room.release())
    return published


async def _store(client: Client, event: Event) -> None:
    jetstream = client.jetstream(timeout=_ANSWER)
    while True:
        try:
            await jetstream.publish(event.subject, event.data, headers={"Nats-Msg-Id": f"in-{event.number}"})
        except (NatsError, OSError, TimeoutError):
            await asyncio.sleep(0.1)
        else:
            return
