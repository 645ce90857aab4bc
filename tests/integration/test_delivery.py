"""What is promised of deliveries, on a real server: each input's outputs stand once, what can't be handled is a dead letter."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias

import pytest
from nats.aio.client import Client
from pydantic import BaseModel
from streamworker.engine.dead_letters import DeadLetters
from streamworker.engine.groundwork import groundwork
from streamworker.engine.standing import standing
from streamworker.engine.worker import StreamWorker
from streamworker.jetstream.api import Api
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.options import ConnectionOptions
from streamworker.jetstream.provision import provision
from streamworker.jetstream.publisher import Publisher
from streamworker.jetstream.scan import scan
from streamworker.options import RetryOptions, WorkerOptions
from streamworker.pipeline import Pipeline
from streamworker.resources import Stream
from streamworker.sinks.jetstream import JetStreamSink
from streamworker.sources.jetstream import JetStreamSource
from streamworker.subject import Subject

from tests.conftest import Eventually
from tests.servers import NatsServer

QUICK = RetryOptions(attempts=3, shortest=0.01, longest=0.02)


class Ordered(BaseModel, frozen=True):
    number: int
    customer: int = 0


class Shipped(BaseModel, frozen=True):
    number: int
    by: str = ""


Handler: TypeAlias = Callable[[Ordered], Awaitable[Shipped | Sequence[Shipped] | None]]


@dataclass
class Shop:
    """A pipeline of workers on the shared server, with streams of its own."""

    prefix: str
    connection: Connection
    client: Client
    letters: DeadLetters

    @property
    def ordered(self) -> Subject[Ordered]:
        return Subject(f"{self.prefix}.ordered.{{number}}", Ordered)

    @property
    def shipped(self) -> Subject[Shipped]:
        return Subject(f"{self.prefix}.shipped.{{number}}", Shipped)

    def worker(
        self,
        name: str,
        handler: Handler,
        options: WorkerOptions = WorkerOptions(retry=QUICK),  # noqa: B008 - frozen
    ) -> StreamWorker[Ordered, Shipped]:
        return (
            StreamWorker(
                JetStreamSource(self.connection, self.ordered), JetStreamSink(self.connection, self.shipped), handler
            )
            .durable(name)
            .in_pipeline(self.prefix)
            .with_options(options)
            .backed_by(lambda: self._standing(name))
        )

    def _standing(self, name: str):  # type: ignore[no-untyped-def]  # what standing() returns
        return standing(
            self.connection,
            pipeline=self.prefix,
            worker=name,
            contract="1",
            dead_letters=f"{self.prefix}_DEAD",
            consumers=(name,),
        )

    async def order(self, *events: Ordered) -> None:
        for event in events:
            await self.client.publish(self.ordered.subject_for(event), self.ordered.encode(event))
        await self.client.flush()

    async def outputs(self) -> list[Shipped]:
        """All that stands in the sink, in order."""
        return [self.shipped.decode(message.data) async for message in scan(self.connection, f"{self.prefix}_OUT")]

    async def dead(self, worker: str = "*") -> list[int]:
        """The sequences of dead letters."""
        return [stored.sequence async for stored in self.letters.all(worker=worker)]


@pytest.fixture
async def shop(nats_server: NatsServer, nats_client: Client, prefix: str) -> AsyncIterator[Shop]:
    connection = Connection(ConnectionOptions(url=nats_server.url))
    await connection.open()
    pipeline = Pipeline(
        name=prefix,
        streams=(
            Stream(name=f"{prefix}_IN", subjects=(f"{prefix}.ordered.>",)),
            Stream(name=f"{prefix}_OUT", subjects=(f"{prefix}.shipped.>",)),
        ),
        dead_letters=Stream(name=f"{prefix}_DEAD", subjects=(f"dead-letters.{prefix}.>",)),
        subjects=(),
        workers=(),
    )
    await provision(Api(connection), groundwork(pipeline))
    publisher = Publisher(connection)
    await publisher.open()
    yield Shop(prefix, connection, nats_client, DeadLetters(connection, publisher, prefix, f"{prefix}_DEAD"))
    await publisher.close()
    await connection.close()


@asynccontextmanager
async def running(*workers: StreamWorker[Ordered, Shipped]) -> AsyncIterator[None]:
    shutdown = asyncio.Event()
    tasks = [asyncio.create_task(worker.run(shutdown)) for worker in workers]
    try:
        yield
    finally:
        shutdown.set()
        await asyncio.gather(*tasks)


async def ship(event: Ordered) -> Shipped:
    return Shipped(number=event.number)


def numbers(count: int) -> list[Ordered]:
    return [Ordered(number=number) for number in range(count)]


async def test_every_input_has_its_output_once(shop: Shop, eventually: Eventually) -> None:
    worker = shop.worker("ship", ship)
    await shop.order(*numbers(2000))
    async with running(worker):
        await eventually(worker.drained)
    assert sorted(output.number for output in await shop.outputs()) == list(range(2000))
    stats = worker.stats
    assert (stats.received, stats.acked, stats.published, stats.redelivered) == (2000, 2000, 2000, 0)


async def test_two_workers_on_one_event_make_an_output_each_and_a_dead_letter_each(
    shop: Shop, eventually: Eventually
) -> None:
    def shipper(name: str) -> Handler:
        async def handle(event: Ordered) -> Shipped:
            if event.number % 10 == 0:
                raise ValueError(event.number)
            return Shipped(number=event.number, by=name)

        return handle

    workers = [shop.worker(name, shipper(name)) for name in ("van", "bike")]
    await shop.order(*numbers(300))
    async with running(*workers):
        for worker in workers:
            await eventually(worker.drained)
    assert Counter(output.by for output in await shop.outputs()) == {"van": 270, "bike": 270}
    assert len(await shop.dead()) == 60
    assert len(await shop.dead("van")) == 30


async def test_a_redriven_letter_reaches_its_worker_alone_and_its_output_stands_once(
    shop: Shop, eventually: Eventually
) -> None:
    broken = True

    async def flaky(event: Ordered) -> Shipped:
        if broken:
            raise OSError("no road")
        return Shipped(number=event.number, by="flaky")

    worker, other = shop.worker("flaky", flaky), shop.worker("other", ship)
    await shop.order(*numbers(5))
    async with running(worker, other):
        await eventually(worker.drained)
        await eventually(other.drained)
        broken = False
        letters = [stored async for stored in shop.letters.all()]
        for stored in letters:
            await shop.letters.redrive(stored)
        await eventually(lambda: worker.stats.acked == 5)
    assert [stored.letter.text for stored in letters] == ["no road"] * 5
    assert await shop.dead() == []
    assert Counter(output.by for output in await shop.outputs()) == {"": 5, "flaky": 5}
    assert other.stats.received == 5


async def test_a_redriven_letter_that_fails_again_is_a_new_letter(shop: Shop, eventually: Eventually) -> None:
    async def broken(_event: Ordered) -> Shipped:
        raise OSError("no road")

    worker = shop.worker("broken", broken)
    await shop.order(Ordered(number=1))
    async with running(worker):
        for times in range(3):
            await eventually(shop.dead)
            await eventually(worker.drained)
            (stored,) = [stored async for stored in shop.letters.all()]
            assert (stored.letter.redriven, stored.letter.attempts) == (times, 3)
            await shop.letters.redrive(stored)
        await eventually(shop.dead)
        await eventually(worker.drained)


async def test_a_stop_under_load_leaves_nothing_to_be_redelivered_and_figures_that_agree(
    shop: Shop, eventually: Eventually
) -> None:
    async def slow(event: Ordered) -> Shipped:
        await asyncio.sleep(0.02)
        return Shipped(number=event.number)

    first, second = shop.worker("slow", slow), shop.worker("slow", slow)
    await shop.order(*numbers(1000))
    async with running(first):
        await eventually(lambda: first.stats.acked > 200)
    stored = len(await shop.outputs())
    assert first.stats.acked == first.stats.published == stored
    assert first.stats.received == first.stats.acked + first.stats.given_back
    async with running(second):
        await eventually(second.drained)
    assert sorted(output.number for output in await shop.outputs()) == list(range(1000))
    assert second.stats.duplicates == 0
    assert second.stats.received == 1000 - first.stats.acked


async def test_the_order_of_a_key_is_kept_through_retries(shop: Shop, eventually: Eventually) -> None:
    failed: set[int] = set()

    async def flaky(event: Ordered) -> Shipped:
        await asyncio.sleep(0.001 * (event.number % 3))
        if event.number % 7 == 0 and event.number not in failed:
            failed.add(event.number)
            raise OSError
        return Shipped(number=event.number)

    worker = shop.worker("ordered", flaky, WorkerOptions(retry=QUICK, order_by="customer"))
    await shop.order(*[Ordered(number=number, customer=number % 5) for number in range(200)])
    async with running(worker):
        await eventually(worker.drained)
    outputs = [output.number for output in await shop.outputs()]
    for customer in range(5):
        assert [number for number in outputs if number % 5 == customer] == list(range(customer, 200, 5))


async def test_a_handler_longer_than_ack_wait_has_one_delivery(shop: Shop, eventually: Eventually) -> None:
    async def long(event: Ordered) -> Shipped:
        await asyncio.sleep(2.5)
        return Shipped(number=event.number)

    worker = shop.worker("long", long, WorkerOptions(retry=QUICK, ack_wait=1.0))
    await shop.order(*numbers(3))
    async with running(worker):
        await eventually(worker.drained)
    assert (worker.stats.received, worker.stats.acked) == (3, 3)
