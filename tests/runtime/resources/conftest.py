"""Resources in memory and on a real server: what is promised holds for both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from nats.aio.client import Client
from nats.js.api import KeyValueConfig, ObjectStoreConfig
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.options import ConnectionOptions
from streamworker.jetstream.publisher import Publisher
from streamworker.resources import Resources
from streamworker.resources.live import LiveBackend
from streamworker.testing import FakeResources

from tests.servers import NatsServer


@pytest.fixture(params=["memory", "server"])
async def resources(request: pytest.FixtureRequest, nats_server: NatsServer, prefix: str) -> AsyncIterator[Resources]:
    """Resources whose names are the test's own: see `named`."""
    async with live_resources(nats_server) if request.param == "server" else in_memory() as opened:
        yield opened


@pytest.fixture
async def bucket_name(nats_client: Client, prefix: str) -> str:
    """A bucket of the test's own, made by nats-py: what we read and write is what every client does."""
    await nats_client.jetstream().create_key_value(KeyValueConfig(bucket=f"{prefix}records", direct=True))
    return f"{prefix}records"


@pytest.fixture
async def store_name(nats_client: Client, prefix: str) -> str:
    """An object store of the test's own, made by nats-py."""
    await nats_client.jetstream().create_object_store(f"{prefix}ogp", ObjectStoreConfig())
    return f"{prefix}ogp"


@asynccontextmanager
async def in_memory() -> AsyncIterator[Resources]:
    opened = FakeResources()
    yield opened
    await opened.close()


@asynccontextmanager
async def live_resources(server: NatsServer) -> AsyncIterator[Resources]:
    connection = Connection(ConnectionOptions(url=server.url))
    await connection.open()
    publisher = Publisher(connection)
    await publisher.open()
    opened = Resources(LiveBackend(connection, publisher, {}))
    yield opened
    await opened.close()
    await publisher.close()
    await connection.close()
