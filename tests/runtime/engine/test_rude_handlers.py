"""What a handler may do to its worker and still costs nobody else: none of it may leave the worker standing, or keep it from ending."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from pydantic import BaseModel, field_validator
from streamworker.delivery import current
from streamworker.engine.attempts import Entry, MemoryLedger
from streamworker.engine.backing import Backing, MemoryLetters
from streamworker.engine.worker import StreamWorker
from streamworker.errors import WorkerStopped
from streamworker.handler import Item
from streamworker.options import BatchOptions, RetryOptions, WorkerOptions
from streamworker.sources.memory import MemorySource
from streamworker.subject import Subject

from tests.conftest import Eventually
from tests.runtime.engine.test_worker_in_memory import QUICK, Answered, Asked, Bench


class Panic(BaseException):
    """What a library in Rust raises where it fails: pyo3's PanicException is no Exception."""


class Mute(Exception):
    """An error that cannot say what it is."""

    def __str__(self) -> str:
        return 404  # type: ignore[return-value]  # a user's mistake


@pytest.mark.parametrize("raised", [Panic("bug"), SystemExit(3), BaseExceptionGroup("both", [Panic("bug")]), Mute()])
async def test_whatever_a_handler_raises_is_one_failed_attempt(raised: BaseException, eventually: Eventually) -> None:
    """More of them than there are slots: each would cost the worker one."""

    async def raises(event: Asked) -> Answered:
        if event.number < 5:
            raise raised
        return Answered(number=event.number)

    it = Bench(raises, WorkerOptions(concurrency=2, grace=0.2, retry=RetryOptions(attempts=1)), eventually)
    await it.work(*range(9))
    assert sorted(it.answers) == [5, 6, 7, 8]
    assert {letter.error for letter in it.letters.letters} == {type(raised).__qualname__}
    assert len(it.letters.letters) == 5


@pytest.mark.parametrize("raised", [Panic("bug"), SystemExit(3)])
async def test_whatever_a_handler_of_batches_raises_fails_each_item(
    raised: BaseException, eventually: Eventually
) -> None:
    async def raises(_items: Sequence[Item[Asked, Answered]]) -> None:
        raise raised

    options = WorkerOptions(
        concurrency=1, grace=0.2, retry=RetryOptions(attempts=1), batch=BatchOptions(max=2, wait=0.01)
    )
    it = Bench(raises, options, eventually)  # type: ignore[arg-type]  # a bench is for handlers of one event
    await it.work(1, 2, 3)
    assert [letter.error for letter in it.letters.letters] == [type(raised).__qualname__] * 3


@pytest.mark.parametrize(("raised", "told"), [(Panic("bug"), "Panic"), (asyncio.CancelledError(), "HandlerCancelled")])
async def test_whatever_a_hook_raises_is_one_failed_attempt(
    raised: BaseException, told: str, eventually: Eventually
) -> None:
    def raises() -> None:
        raise raised

    async def hooked(event: Asked) -> Answered:
        current().on_published(raises)
        return Answered(number=event.number)

    it = Bench(hooked, WorkerOptions(grace=0.2, retry=RetryOptions(attempts=1)), eventually)
    await it.work(1)
    assert [letter.error for letter in it.letters.letters] == [told]


async def test_a_handler_that_cancels_the_task_it_runs_in_failed_and_the_worker_goes_on(eventually: Eventually) -> None:
    """As a timeout of one's own does that calls `task.cancel`. It is no stop of the worker: its slot was lost, and nobody told."""

    async def cancels(event: Asked) -> Answered:
        if event.number < 3:
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            await asyncio.sleep(1)
        return Answered(number=event.number)

    it = Bench(cancels, WorkerOptions(concurrency=1, grace=0.2, retry=RetryOptions(attempts=1)), eventually)
    await it.work(1, 2, 3, 4)
    assert [letter.error for letter in it.letters.letters] == ["HandlerCancelled", "HandlerCancelled"]
    assert (it.answers, it.worker.stats.given_back) == ([3, 4], 0)


async def test_a_loop_that_ends_all_of_its_tasks_is_no_failure_of_the_handler(eventually: Eventually) -> None:
    """As `asyncio.run` does, whatever order they stand in."""
    started = asyncio.Event()

    async def waits(_event: Asked) -> None:
        started.set()
        await asyncio.Event().wait()

    it = Bench(waits, WorkerOptions(retry=QUICK), eventually)
    it.ask(1)
    before = asyncio.all_tasks()
    work = asyncio.create_task(it.worker.run(asyncio.Event()))
    await started.wait()
    for task in asyncio.all_tasks() - before:
        task.cancel()
    await asyncio.wait({work}, timeout=8)
    assert work.cancelled()
    assert (it.worker.stats.given_back, it.worker.stats.retried) == (1, 0)


async def test_a_handler_that_takes_no_notice_of_its_cancellation_does_not_keep_the_worker(
    eventually: Eventually,
) -> None:
    async def deaf(_event: Asked) -> None:
        try:
            await asyncio.Event().wait()
        except BaseException:  # noqa: BLE001 -- as users write it
            return

    it = Bench(deaf, WorkerOptions(concurrency=2, grace=0.1, retry=QUICK), eventually)
    it.ask(*range(6))
    async with asyncio.timeout(8), it.running():
        await eventually(lambda: it.worker.stats.received == 4)
    assert (sorted(it.source.acked), it.source.naks) == ([1, 2], [(3, 0.0), (4, 0.0)])


async def test_a_stop_while_a_late_handler_cleans_up_ends_the_worker(eventually: Eventually) -> None:
    cleaning = asyncio.Event()

    async def late(_event: Asked) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cleaning.set()
            await asyncio.Event().wait()

    it = Bench(late, WorkerOptions(timeout=0.1, grace=0.1, retry=QUICK), eventually)
    it.ask(1)
    async with asyncio.timeout(8), it.running():
        await cleaning.wait()
    assert it.worker.stats.acked == 0


async def test_an_error_of_our_own_in_a_slot_stops_the_worker(eventually: Eventually) -> None:
    """Better than a delivery that is held for ever, and a slot that nobody misses."""

    class Broken(MemoryLedger):
        async def write(self, key: str, entry: Entry, /) -> None:
            raise KeyError(key)

    async def fails(_event: Asked) -> Answered:
        raise ValueError

    @asynccontextmanager
    async def backing() -> AsyncIterator[Backing]:
        yield Backing(ledger=Broken(), letters=MemoryLetters())

    it = Bench(fails, WorkerOptions(grace=0.1, retry=QUICK), eventually)
    it.worker = it.worker.backed_by(backing)
    it.ask(1)
    with pytest.raises(WorkerStopped, match="KeyError"):
        async with asyncio.timeout(8):
            await it.worker.run(asyncio.Event())
    assert it.source.naks == [(1, 0.0)]


async def test_each_attempt_in_place_has_all_of_its_time(eventually: Eventually) -> None:
    async def fails_late(_event: Asked) -> Answered:
        await asyncio.sleep(0.5)
        raise OSError

    retry = RetryOptions(attempts=3, shortest=0.001, longest=0.001)
    it = Bench(fails_late, WorkerOptions(timeout=1.0, order_by="number", retry=retry), eventually)
    await it.work(1)
    assert [attempt.error for attempt in it.letters.letters[0].history] == ["OSError", "OSError", "OSError"]


async def test_a_model_whose_validator_fails_refuses_the_event_and_no_other(eventually: Eventually) -> None:
    """What is neither a ValueError nor an AssertionError pydantic lets pass; the event cost its worker a slot."""

    class Order(BaseModel):
        country: str

        @field_validator("country")
        @classmethod
        def known(cls, value: str) -> str:
            return {"de": "Germany"}[value]

    async def takes(order: Order) -> None:
        taken.append(order.country)

    taken: list[str] = []
    source = MemorySource(Subject("orders", Order))
    options = WorkerOptions(concurrency=1, grace=0.2)
    letters = MemoryLetters()

    @asynccontextmanager
    async def backing() -> AsyncIterator[Backing]:
        yield Backing(ledger=MemoryLedger(), letters=letters)

    worker: StreamWorker[Order, None] = StreamWorker(source, None, takes).with_options(options).backed_by(backing)
    for country in ("xx", "de"):
        source.put("orders", b'{"country": "%b"}' % country.encode())
    shutdown = asyncio.Event()
    running = asyncio.create_task(worker.run(shutdown))
    await eventually(lambda: taken == ["Germany"])
    await eventually(worker.drained)
    shutdown.set()
    await running
    (letter,) = letters.letters
    assert letter.reason == "contract"
    assert "KeyError (at engine/test_rude_handlers.py:" in letter.text
    assert "xx" not in letter.text
