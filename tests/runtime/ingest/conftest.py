"""What tests of ingests on a server begin with."""

from __future__ import annotations

import pytest
from nats.aio.client import Client
from nats.js import JetStreamContext

from tests.runtime.ingest.plant import Plant
from tests.servers import NatsServer


@pytest.fixture
def js(nats_client: Client) -> JetStreamContext:
    return nats_client.jetstream()


@pytest.fixture
async def plant(nats_server: NatsServer, prefix: str) -> Plant:
    plant = Plant(prefix, nats_server.url)
    await plant.provide()
    return plant
