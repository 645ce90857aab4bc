"""The job: a server of its own, streams on file storage, and a backlog of readings."""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import nats
from nats.aio.client import Client

from tests.servers import NatsServer

# With the windows that `generate` computes. A stream's subject is what its consumers filter: then the server need not look at each, which is
# half of its time with a thousand subjects, and as good as the peers' having no filter.
STREAMS = (("READINGS", "reading.*", 120), ("JUDGED", "judged.*", 120), ("ALERTS", "alert.*", 2250))

_STORED_WITHIN = 60.0


@dataclass(frozen=True)
class Job:
    """count: events in the backlog. size: bytes of one, about. invalid: of how many one is refused by its schema; 0 is none. keys: how many
    sensors there are."""

    count: int
    size: int = 250
    invalid: int = 0
    keys: int = 1000
    subject: str = "reading"

    @property
    def valid(self) -> int:
        return self.count - (self.count // self.invalid if self.invalid else 0)

    @property
    def stream(self) -> str:
        return next(name for name, subject, _ in STREAMS if subject == f"{self.subject}.*")


def readings(job: Job, *, seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """Subjects and events."""
    chance = random.Random(seed)
    for number in range(job.count):
        sensor = f"sensor-{number % job.keys}"
        event = {
            "sensor": sensor,
            "number": number,
            "celsius": round(chance.uniform(-20, 40), 2),
            "humidity": round(chance.uniform(0, 100), 1),
            "place": {"building": "main building", "floor": number % 9, "room": f"room {number % 100}"},
            "status": chance.choice(["ok", "warning", "failed"]),
        }
        if job.invalid and number % job.invalid == job.invalid - 1:
            event["celsius"] = -300
        note = "n" * max(1, job.size - len(json.dumps(event)) - 12)
        yield f"{job.subject}.{sensor}", json.dumps({**event, "note": note}).encode()


@asynccontextmanager
async def server() -> AsyncIterator[tuple[NatsServer, Client]]:
    """A nats-server in an empty folder, and a client of it."""
    with tempfile.TemporaryDirectory() as folder:
        running = NatsServer(Path(folder)).start()
        client = await nats.connect(running.url)
        try:
            yield running, client
        finally:
            await client.close()
            running.kill()


async def fill(client: Client, job: Job) -> None:
    """Empty streams, and a backlog of readings."""
    await make_streams(client)
    await publish(client, job)


async def make_streams(client: Client) -> None:
    streams = client.jetstream()
    for name, subject, window in STREAMS:
        owner = {"streamworker.pipeline": "bench"}
        await streams.add_stream(
            name=name, subjects=[subject], max_age=86_400, duplicate_window=window, allow_direct=True, metadata=owner
        )


async def publish(client: Client, job: Job) -> None:
    """Unacknowledged, and looked after: returns when all are stored."""
    wanted = (await client.jetstream().stream_info(job.stream)).state.messages + job.count
    for subject, data in readings(job):
        await client.publish(subject, data)
    await client.flush(timeout=120)
    async with asyncio.timeout(_STORED_WITHIN):
        while (await client.jetstream().stream_info(job.stream)).state.messages < wanted:  # noqa: ASYNC110 -- the server tells only who asks
            await asyncio.sleep(0.01)
