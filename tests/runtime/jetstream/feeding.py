"""A feed at work, and what it is fed with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from nats.aio.client import Client
from streamworker.jetstream.api import Api
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.feed import Feed
from streamworker.sources.base import ConsumerOptions

from tests.runtime.jetstream.fakes import Holder


@asynccontextmanager
async def fed(
    connection: Connection, stream: str, holder: Holder, *filters: str, **options: object
) -> AsyncIterator[Feed]:
    consumer = ConsumerOptions(durable="worker", **{"ack_wait": 30.0, **options})  # type: ignore[arg-type]  # options as given
    feed = Feed(connection, Api(connection), stream, filters, holder, consumer)
    try:
        await feed.start()
        yield feed
    finally:
        await feed.close()


async def make_stream(api: Api, name: str) -> str:
    await api.create_stream({"name": name, "subjects": [f"{name}.>"], "storage": "file"})
    return name


async def fill(client: Client, stream: str, count: int, start: int = 0) -> set[bytes]:
    js = client.jetstream()
    bodies = [str(n).encode() for n in range(start, start + count)]
    await asyncio.gather(*(js.publish(f"{stream}.a", body) for body in bodies))
    return set(bodies)
