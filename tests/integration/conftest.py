"""A server of the test's own, and what looks at its streams."""

from __future__ import annotations

from collections.abc import AsyncIterator

import nats
import pytest
from nats.js import JetStreamContext

from tests.conftest import StartNatsServer
from tests.servers import NatsServer


@pytest.fixture
def server(start_nats_server: StartNatsServer) -> NatsServer:
    return start_nats_server()


@pytest.fixture
async def streams(server: NatsServer) -> AsyncIterator[JetStreamContext]:
    client = await nats.connect(server.url)
    yield client.jetstream()
    await client.close()
