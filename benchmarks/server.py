"""The job: a server of its own, streams on file storage, and a backlog of readings."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import nats
from nats.aio.client import Client

from tests.servers import NatsServer

STREAMS = (("READINGS", "reading.>", 120), ("ALERTS", "alert.>", 2250))  # with the windows that `generate` computes


def readings(count: int, *, size: int = 250, seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """Subjects and events, of about `size` bytes."""
    chance = random.Random(seed)
    for number in range(count):
        sensor = f"sensor-{number % 1000}"
        event = {
            "sensor": sensor,
            "number": number,
            "celsius": round(chance.uniform(-20, 40), 2),
            "humidity": round(chance.uniform(0, 100), 1),
            "place": {"building": "main building", "floor": number % 9, "room": f"room {number % 100}"},
            "status": chance.choice(["ok", "warning", "failed"]),
        }
        note = "n" * max(1, min(200, size - len(json.dumps(event)) - 12))
        yield f"reading.{sensor}", json.dumps({**event, "note": note}).encode()


@asynccontextmanager
async def server() -> AsyncIterator[tuple[str, Client]]:
    """A nats-server in an empty folder, and a client of it."""
    with tempfile.TemporaryDirectory() as folder:
        running = NatsServer(Path(folder)).start()
        client = await nats.connect(running.url)
        try:
            yield running.url, client
        finally:
            await client.close()
            running.kill()


async def fill(client: Client, count: int) -> None:
    """Empty streams, and a backlog of `count` readings."""
    streams = client.jetstream()
    for name, subject, window in STREAMS:
        owner = {"streamworker.pipeline": "bench"}
        await streams.add_stream(
            name=name, subjects=[subject], max_age=86_400, duplicate_window=window, allow_direct=True, metadata=owner
        )
    for subject, data in readings(count):
        await client.publish(subject, data)
    await client.flush(timeout=60)
