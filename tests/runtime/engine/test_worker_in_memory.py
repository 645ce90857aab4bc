"""What a worker promises, on a source and sink in memory: every delivery is settled once, and its outputs stand once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Literal, Protocol, TypeAlias

import pytest
from pydantic import BaseModel
from streamworker.actions import DeadLetter, ErrorAction, Ignore, Retry, Stop
from streamworker.delivery import Incoming, Origin, current
from streamworker.engine.attempts import MemoryLedger
from streamworker.engine.backing import Backing, MemoryLetters
from streamworker.engine.worker import StreamWorker
from streamworker.errors import StreamError, WorkerStopped
from streamworker.handler import Handle, Ret
from streamworker.options import RetryOptions, WorkerOptions
from streamworker.sinks.memory import MemorySink
from streamworker.sources.memory import MemorySource
from streamworker.subject import Subject

from tests.conftest import Eventually


class Asked(BaseModel, frozen=True):
    number: int


class Answered(BaseModel, frozen=True):
    number: int
    half: Literal["left", "right"] = "left"


ASKED = Subject("asked.{number}", Asked)
ANSWERED = Subject("answered.{number}", Answered)
QUICK = RetryOptions(attempts=3, shortest=0.01, longest=0.02)


class Failure(StreamError):
    """An error of the user's, with any action."""

    def __init__(self, action: ErrorAction) -> None:
        super().__init__()
        self.error_action = action


Handler: TypeAlias = Callable[[Asked], Awaitable[Answered | Sequence[Answered] | None]]


class Bench:
    """A worker between a source and a sink in memory."""

    def __init__(self, handler: Handler, options: WorkerOptions, eventually: Eventually) -> None:
        self.eventually = eventually
        self.source = MemorySource(ASKED)
        self.sink = MemorySink(ANSWERED)
        self.letters = MemoryLetters()
        self.worker = (
            StreamWorker(self.source, self.sink, handler)
            .durable("bench")
            .with_options(options)
            .backed_by(self._backing)
        )

    @asynccontextmanager
    async def _backing(self) -> AsyncIterator[Backing]:
        yield Backing(ledger=MemoryLedger(), letters=self.letters)

    def ask(self, *numbers: int) -> None:
        for number in numbers:
            self.source.put(f"asked.{number}", ASKED.encode(Asked(number=number)))

    @property
    def answers(self) -> list[int]:
        return [ANSWERED.decode(output.data).number for output in self.sink.outputs]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        shutdown = asyncio.Event()
        task = asyncio.create_task(self.worker.run(shutdown))
        try:
            yield
        finally:
            shutdown.set()
            await task

    async def work(self, *numbers: int) -> None:
        """Ask, and return when all is settled."""
        self.ask(*numbers)
        async with self.running():
            await self.eventually(self.worker.drained)


async def answer(event: Asked) -> Answered:
    return Answered(number=event.number)


class MakeBench(Protocol):
    def __call__(self, handler: Handler = answer, /, options: WorkerOptions = ...) -> Bench: ...


@pytest.fixture
def bench(eventually: Eventually) -> MakeBench:
    def make(handler: Handler = answer, /, options: WorkerOptions = WorkerOptions(retry=QUICK)) -> Bench:  # noqa: B008
        return Bench(handler, options, eventually)

    return make


async def test_every_event_is_answered_once_and_acked(bench: MakeBench) -> None:
    it = bench()
    await it.work(*range(500))
    assert it.answers == list(range(500))
    assert sorted(it.source.acked) == list(range(1, 501))
    assert (it.worker.stats.received, it.worker.stats.acked, it.worker.stats.published) == (500, 500, 500)


async def test_none_publishes_nothing_and_acks(bench: MakeBench) -> None:
    async def nothing(_event: Asked) -> None:
        return None

    it = bench(nothing)
    await it.work(1, 2)
    assert (it.answers, it.source.acked) == ([], [1, 2])


async def test_many_outputs_have_ids_of_their_own_and_come_in_order(bench: MakeBench) -> None:
    async def halves(event: Asked) -> Sequence[Answered]:
        return [Answered(number=event.number), Answered(number=event.number, half="right")]

    it = bench(halves)
    await it.work(7)
    assert it.answers == [7, 7]
    assert len({output.id for output in it.sink.outputs}) == 2


async def test_handlers_that_wait_run_side_by_side_up_to_the_concurrency(bench: MakeBench) -> None:
    most = 0
    now = 0

    async def slow(event: Asked) -> Answered:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.01)
        now -= 1
        return Answered(number=event.number)

    it = bench(slow, WorkerOptions(retry=QUICK, concurrency=5))
    await it.work(*range(40))
    assert most == 5
    assert sorted(it.answers) == list(range(40))


async def test_a_failing_event_is_retried_and_then_a_dead_letter_with_its_history(bench: MakeBench) -> None:
    async def broken(_event: Asked) -> Answered:
        raise ValueError("no")

    it = bench(broken)
    await it.work(1)
    (letter,) = it.letters.letters
    assert (letter.reason, letter.error, letter.attempts, letter.data) == ("attempts", "ValueError", 3, b'{"number":1}')
    assert [attempt.text for attempt in letter.history] == ["no", "no", "no"]
    assert it.source.termed == {1: "attempts: ValueError"}
    assert [sequence for sequence, _ in it.source.naks] == [1, 1]
    assert all(0.005 <= delay <= 0.02 for _, delay in it.source.naks)
    assert it.worker.stats.retried == 2


async def test_an_event_that_succeeds_on_a_later_attempt_is_answered_once(bench: MakeBench) -> None:
    attempts: list[int] = []

    async def third_time(event: Asked) -> Answered:
        attempts.append(current().attempt)
        if len(attempts) < 3:
            raise OSError
        return Answered(number=event.number)

    it = bench(third_time)
    await it.work(1)
    assert (attempts, it.answers, it.letters.letters) == ([1, 2, 3], [1], [])


@pytest.mark.parametrize(
    ("action", "acked", "termed"),
    [(Ignore(), [1], {}), (DeadLetter(), [], {1: "classified: Failure"})],
)
async def test_an_error_says_itself_what_becomes_of_its_delivery(
    bench: MakeBench, action: ErrorAction, acked: list[int], termed: dict[int, str]
) -> None:
    async def fails(_event: Asked) -> Answered:
        raise Failure(action)

    it = bench(fails)
    await it.work(1)
    assert (it.source.acked, it.source.termed) == (acked, termed)


async def test_of_what_is_ignored_the_first_of_a_kind_is_told_and_the_others_are_counted(
    bench: MakeBench, caplog: pytest.LogCaptureFixture
) -> None:
    async def fails(_event: Asked) -> Answered:
        raise Failure(Ignore())

    caplog.set_level(logging.INFO)
    it = bench(fails)
    await it.work(*range(50))
    assert it.worker.stats.ignored == 50
    assert caplog.text.count("ignored: Failure") == 1


async def test_stop_gives_the_delivery_back_and_ends_the_worker_with_the_error(bench: MakeBench) -> None:
    async def fails(_event: Asked) -> Answered:
        raise Failure(Stop())

    it = bench(fails)
    it.ask(1)
    with pytest.raises(WorkerStopped, match="bench stopped: Failure"):
        await it.worker.run(asyncio.Event())
    assert it.source.naks == [(1, 0.0)]
    assert it.worker.stats.given_back == 1


async def test_what_the_contract_refuses_is_a_dead_letter_at_once_with_its_place(bench: MakeBench) -> None:
    it = bench()
    it.source.put("asked.x", b'{"number": "x"}')
    await it.work(2)
    (letter,) = it.letters.letters
    assert (letter.reason, letter.data) == ("contract", b'{"number": "x"}')
    assert letter.places[0][0] == "/number"
    assert it.answers == [2]
    assert it.source.naks == []


async def test_a_handler_that_overruns_its_timeout_failed(bench: MakeBench) -> None:
    async def hangs(_event: Asked) -> Answered:
        await asyncio.Event().wait()
        raise AssertionError

    it = bench(hangs, WorkerOptions(timeout=0.1, retry=RetryOptions(attempts=1)))
    await it.work(1)
    (letter,) = it.letters.letters
    assert letter.error == "HandlerTimeout"


async def test_a_handler_whose_own_task_was_cancelled_failed_and_the_worker_goes_on(bench: MakeBench) -> None:
    async def cancelled(event: Asked) -> Answered:
        if event.number == 1:
            raise asyncio.CancelledError
        return Answered(number=event.number)

    it = bench(cancelled, WorkerOptions(retry=RetryOptions(attempts=1)))
    await it.work(1, 2)
    assert it.letters.letters[0].error == "HandlerCancelled"
    assert it.answers == [2]


async def test_a_shutdown_finishes_what_runs_and_gives_back_what_has_not_started(bench: MakeBench) -> None:
    started = asyncio.Event()
    go_on = asyncio.Event()

    async def waits(event: Asked) -> Answered:
        started.set()
        await go_on.wait()
        return Answered(number=event.number)

    it = bench(waits, WorkerOptions(retry=QUICK, concurrency=2))
    it.ask(1, 2, 3, 4)
    shutdown = asyncio.Event()
    task = asyncio.create_task(it.worker.run(shutdown))
    await started.wait()
    await it.eventually(lambda: it.worker.stats.received == 4)
    shutdown.set()
    await it.eventually(lambda: it.worker.stats.given_back == 2)
    go_on.set()
    await task
    assert (it.answers, it.source.acked) == ([1, 2], [1, 2])
    assert it.source.naks == [(3, 0.0), (4, 0.0)]


async def test_a_shutdown_is_bounded_by_its_grace(bench: MakeBench) -> None:
    async def hangs(_event: Asked) -> Answered:
        await asyncio.Event().wait()
        raise AssertionError

    it = bench(hangs, WorkerOptions(retry=QUICK, grace=0.1))
    it.ask(1)
    async with it.running():
        await it.eventually(lambda: it.worker.stats.received == 1)
    assert it.source.naks == [(1, 0.0)]


async def test_a_hook_runs_after_the_outputs_are_stored_and_before_the_ack(bench: MakeBench) -> None:
    seen: list[tuple[list[int], list[int]]] = []

    async def hooked(event: Asked) -> Answered:
        current().on_published(lambda: seen.append((list(it.answers), list(it.source.acked))))
        return Answered(number=event.number)

    it = bench(hooked)
    await it.work(5)
    assert seen == [([5], [])]
    assert it.source.acked == [1]


async def test_order_is_kept_by_key_through_failures(bench: MakeBench) -> None:
    seen: list[int] = []
    failed: set[int] = set()

    async def flaky(event: Asked) -> Answered:
        if event.number in (1, 4) and event.number not in failed:
            failed.add(event.number)
            raise OSError
        seen.append(event.number)
        return Answered(number=event.number)

    it = bench(flaky, WorkerOptions(retry=QUICK, order_by="number"))
    await it.work(1, 1, 2, 4, 4)
    assert [number for number in seen if number == 1] == [1, 1]
    assert sorted(it.answers) == [1, 1, 2, 4, 4]
    assert it.worker.stats.retried == 0


async def test_at_a_stop_nothing_passes_what_was_given_back_of_its_key(
    bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The source takes its time to stop, as one on a server does; meanwhile the first of a key fails."""
    started, failed = asyncio.Event(), asyncio.Event()

    async def fails_first(event: Asked) -> Answered:
        if not started.is_set():
            started.set()
            await it.eventually(lambda: stopping.is_set())
            failed.set()
            raise OSError("too late for another attempt")
        return Answered(number=event.number)

    async def stop() -> None:
        stopping.set()
        await failed.wait()
        await it.eventually(lambda: it.source.naks)

    stopping = asyncio.Event()
    it = bench(fails_first, WorkerOptions(retry=QUICK, order_by="number"))
    monkeypatch.setattr(it.source, "stop", stop)
    it.ask(7, 7, 7)
    async with it.running():
        await started.wait()
        await it.eventually(lambda: it.worker.stats.received == 3)
    assert it.answers == []
    assert [sequence for sequence, _ in it.source.naks] == [1, 2, 3]


async def test_middleware_stands_around_the_handler_first_outermost(bench: MakeBench) -> None:
    calls: list[str] = []

    class Noted:
        def __init__(self, name: str) -> None:
            self._name = name

        def __call__(self, handle: Handle[Asked, Ret]) -> Handle[Asked, Ret]:
            async def noted(event: Asked) -> Ret:
                calls.append(self._name)
                return await handle(event)

            return noted

    it = bench()
    it.worker = it.worker.with_middleware(Noted("outer"), Noted("inner"))
    await it.work(1)
    assert calls == ["outer", "inner"]


async def test_outputs_of_one_input_keep_their_ids_over_attempts(bench: MakeBench) -> None:
    it = bench()
    first = it.worker
    it.source.put("asked.1", b'{"number":1}')
    await it.work()
    ids = [output.id for output in it.sink.outputs]
    it.worker = first.durable("bench")
    stored = it.source
    stored._again(_redelivered(stored))
    await it.work()
    assert [output.id for output in it.sink.outputs] == ids
    assert it.worker.stats.duplicates == 1


def _redelivered(source: MemorySource[Asked]) -> Incoming:
    stream, created = source._origin
    return Incoming("asked.1", b'{"number":1}', None, Origin(stream, created, 1), source)


async def test_retry_after_is_held_within_the_longest_delay(bench: MakeBench) -> None:
    async def later(_event: Asked) -> Answered:
        raise Failure(Retry(after=3600))

    it = bench(later, WorkerOptions(retry=RetryOptions(attempts=2, shortest=0.01, longest=0.02)))
    await it.work(1)
    assert it.source.naks == [(1, 0.02)]
