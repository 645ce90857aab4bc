"""A worker right behind a feed: at most once, and no more of it than the worker wants."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import BaseModel
from streamworker.delivery import current
from streamworker.engine.worker import StreamWorker
from streamworker.errors import ConfigurationError
from streamworker.options import FeedOptions, WorkerOptions
from streamworker.sinks.memory import MemorySink
from streamworker.sources.sse import SseSource
from streamworker.subject import Subject

from tests.conftest import Eventually
from tests.runtime.feed_server import Exchange, FeedServer, feed, frame


class Order(BaseModel, frozen=True):
    id: int


class Refund(BaseModel, frozen=True):
    id: int
    why: str


class Receipt(BaseModel, frozen=True):
    id: int


ORDERS = Subject("orders.{id}", Order)
REFUNDS = Subject("refunds.{id}", Refund)
RECEIPTS = Subject("receipts.{id}", Receipt)
QUICK = FeedOptions(idle=2.0, shortest=0.01, longest=0.1)


@asynccontextmanager
async def running(worker: StreamWorker[Any, Any]) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.ensure_future(worker.run(stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)


async def test_a_worker_handles_a_feed(eventually: Eventually) -> None:
    """The source is of the union of its events: mypy holds the handler to it."""
    told: list[tuple[str, str]] = []

    async def handle(event: Order | Refund) -> Receipt:
        told.append((current().subject, current().tokens["id"]))
        return Receipt(id=event.id)

    parts = [
        frame("order", {"id": 1}),
        frame("refund", {"id": 2, "why": "late"}),
        frame("other", {}),
        frame("other", {}),
    ]
    async with FeedServer(feed(*parts), feed(frame("order", {"id": 3}), hang=True)) as server:
        source = SseSource(server.url, ("order", ORDERS), ("refund", REFUNDS), options=QUICK)
        sink = MemorySink(RECEIPTS)
        worker = StreamWorker(source, sink, handle)
        async with running(worker):
            await eventually(lambda: len(sink.outputs) == 3)
            assert [health.connected for health in worker.health()] == [True]
    assert told == [("orders.1", "1"), ("refunds.2", "2"), ("orders.3", "3")]
    assert source.passed_over == {"other": 2}
    assert (worker.stats.received, worker.stats.acked) == (3, 3)


async def test_what_a_handler_fails_at_is_lost_and_said_to_be(
    eventually: Eventually, caplog: pytest.LogCaptureFixture
) -> None:
    handled: list[int] = []

    async def handle(event: Order) -> None:
        handled.append(event.id)
        if event.id == 1:
            raise ValueError("no such goods")

    parts = [frame("order", {"id": 1}), frame("order", {"id": "x"}), frame("order", {"id": 2})]
    async with FeedServer(feed(*parts, hang=True)) as server:
        worker: StreamWorker[Order, Any] = StreamWorker(
            SseSource(server.url, ("order", ORDERS), options=QUICK), None, handle
        )
        async with running(worker):
            await eventually(lambda: worker.stats.settled == 3)
    assert handled == [1, 2]
    assert worker.stats.dead_lettered == 1, "what its contract refuses"
    assert "orders.1 failed, and a feed delivers nothing again: it is lost" in caplog.text


async def test_a_busy_worker_leaves_the_rest_in_the_socket(eventually: Eventually) -> None:
    free = asyncio.Event()

    async def handle(_event: Order) -> None:
        await free.wait()

    async def script(exchange: Exchange) -> None:
        await exchange.start()
        for number in range(100_000):
            await exchange.send(frame("order", {"id": number}) + b":" + b"x" * 1000 + b"\n")
        await exchange.hang()

    async with FeedServer(script, send_buffer=8192) as server:
        source = SseSource(server.url, ("order", ORDERS), options=QUICK)
        worker: StreamWorker[Order, Any] = StreamWorker(source, None, handle).with_options(WorkerOptions(concurrency=2))
        async with running(worker):
            await eventually(lambda: worker.stats.received)
            sent = -1
            while sent != server.exchanges[0].sent:
                sent = server.exchanges[0].sent
                await asyncio.sleep(0.2)
            held = worker.stats.received
            assert held < 1000
            assert sent < 30_000_000
            free.set()
            await eventually(lambda: worker.stats.received > held + 1000)


async def test_a_feed_that_ended_is_drained(eventually: Eventually) -> None:
    async def handle(_event: Order) -> None:
        """Nothing to do."""

    async with FeedServer(feed(frame("order", {"id": 1}))) as server:
        worker: StreamWorker[Order, Any] = StreamWorker(
            SseSource(server.url, ("order", ORDERS), options=QUICK), None, handle
        )
        async with running(worker):
            await eventually(worker.drained)
            assert worker.stats.acked == 1


async def test_names_without_end_do_not_fill_the_memory(
    eventually: Eventually, caplog: pytest.LogCaptureFixture
) -> None:
    async def handle(_event: Order) -> None:
        """Nothing to do."""

    caplog.set_level(logging.CRITICAL)
    strays = [frame(f"n{number}", {}) for number in range(500)]
    async with FeedServer(feed(*strays)) as server:
        source = SseSource(server.url, ("order", ORDERS), options=QUICK)
        async with running(StreamWorker(source, None, handle)):
            await eventually(lambda: source.passed_over.total() == 500)
    assert len(source.passed_over) == 101


def test_a_url_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        SseSource("localhost/events", ("order", ORDERS))
