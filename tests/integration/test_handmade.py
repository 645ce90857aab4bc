"""Workers without code generation: a function, a source and a sink, with all that a generated worker is promised."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from nats.aio.client import Client
from pydantic import BaseModel
from streamworker.jetstream.api import Api
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.options import ConnectionOptions
from streamworker.jetstream.plan import wanted_stream
from streamworker.jetstream.provision import provision
from streamworker.jetstream.scan import scan
from streamworker.names import dead_letter_subject
from streamworker.options import RetryOptions, WorkerOptions
from streamworker.resources import Stream
from streamworker.simple import stream_worker
from streamworker.sinks.jetstream import JetStreamSink
from streamworker.sources.jetstream import JetStreamSource
from streamworker.subject import Subject

from tests.conftest import Eventually
from tests.servers import NatsServer


class Temperature(BaseModel, frozen=True):
    room: str
    celsius: float


class Alarm(BaseModel, frozen=True):
    room: str


@pytest.fixture
async def house(nats_server: NatsServer, prefix: str) -> AsyncIterator[Connection]:
    """A connection to a server that has the house's streams; nobody holds it open."""
    connection = Connection(ConnectionOptions(url=nats_server.url))
    async with connection.held():
        streams = [Stream(name=f"{prefix}_HOUSE", subjects=(f"{prefix}.>",))]
        await provision(Api(connection), [wanted_stream(stream, prefix) for stream in streams])
        yield Connection(ConnectionOptions(url=nats_server.url))


async def test_a_decorated_function_is_a_worker_that_runs_and_loses_nothing(
    house: Connection, nats_client: Client, prefix: str, eventually: Eventually, nats_server: NatsServer
) -> None:
    measured = Subject(f"{prefix}.measured.{{room}}", Temperature)
    raised = Subject(f"{prefix}.raised.{{room}}", Alarm)

    @stream_worker(source=JetStreamSource(house, measured), sink=JetStreamSink(house, raised))
    async def watch(event: Temperature) -> Alarm | None:
        if event.celsius < -273.15:
            raise ValueError("colder than cold")
        return Alarm(room=event.room) if event.celsius > 50 else None

    assert await watch(Temperature(room="attic", celsius=20)) is None
    worker = watch.durable(f"{prefix}-watch").with_options(
        WorkerOptions(retry=RetryOptions(attempts=2, shortest=0.01, longest=0.01))
    )
    for room, celsius in (("attic", 20.0), ("kitchen", 70.0), ("void", -300.0)):
        event = Temperature(room=room, celsius=celsius)
        await nats_client.publish(measured.subject_for(event), measured.encode(event))
    await nats_client.flush()
    shutdown = asyncio.Event()
    task = asyncio.create_task(worker.run(shutdown))
    await eventually(worker.drained)
    shutdown.set()
    await task
    async with house.held():
        alarms = [m.subject async for m in scan(house, f"{prefix}_HOUSE", raised.filter)]
        dead = [m.data async for m in scan(house, f"{prefix.upper()}_WATCH_DEAD_LETTERS")]
        subjects = [m.subject async for m in scan(house, f"{prefix.upper()}_WATCH_DEAD_LETTERS")]
    assert alarms == [f"{prefix}.raised.kitchen"]
    assert dead == [measured.encode(Temperature(room="void", celsius=-300.0))]
    assert subjects == [dead_letter_subject(f"{prefix}-watch", f"{prefix}-watch")]
    assert not house.connected
