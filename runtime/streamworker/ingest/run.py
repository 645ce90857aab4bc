"""Runs an ingest: active in one process at a time, in order to its end, with books that add up."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Literal, Protocol, TypeAlias

from streamworker.delivery import Incoming
from streamworker.errors import WorkerStopped
from streamworker.ingest.books import Books
from streamworker.ingest.handover import Handover, Sink
from streamworker.ingest.lease import Lease, LeaseBucket
from streamworker.ingest.mark import Mark, MarkBucket
from streamworker.ingest.returns import Returns
from streamworker.ingest.spec import IngestSpec, SseSpec
from streamworker.ingest.sse import SseIngest
from streamworker.ingest.timer import TimerIngest
from streamworker.letters import LetterBox
from streamworker.sources.base import EventSource, SourceHealth

_logger = logging.getLogger(__name__)
_STUCK = 30.0  # seconds that frames may wait without one of them being stored
_NOTE = 5.0  # seconds between two notes of how far it has come
_TIMER_BUFFER = 2

Condition: TypeAlias = Literal["starting", "standing by", "reading", "waiting", "stuck", "stopped"]


@dataclass(frozen=True)
class IngestHealth:
    """standing by: another process is active, or nobody can tell. waiting: for the feed. stuck: frames wait, and none is stored."""

    condition: Condition
    detail: str = ""


class IngestBucket(LeaseBucket, MarkBucket, Protocol):
    """The bucket behind an ingest: its lease and its mark."""


class Ingest(Protocol):
    """A feed or timer, as it is run; cancelled to stop it."""

    @property
    def drained(self) -> bool:
        """Whether there is nothing to wait for, for who wants to end when all is done."""
        ...

    def health(self) -> SourceHealth: ...
    def take_back(self, incoming: Incoming, /) -> None:
        """Hand over what was a dead letter and came back; see that it is acked. Raises KeyError for what never was a letter of its."""

    async def run(self, sure: Callable[[], Awaitable[None]], /) -> None:
        """Hand over what comes, from the handover's mark on, until there can be no more. `sure` is awaited before each."""


class IngestRunner:
    """One ingest of a pipeline, in one process.

    spec: with its variables filled in. sink: opened and closed here. letter_box: where frames go that are not published. bucket: the
    pipeline's leases; without it, nothing keeps two processes from reading the same feed, and each starts anew. redrives: where its
    dead letters come back from, through a consumer called `durable`. grace: seconds that a stop waits for publish acks.
    """

    def __init__(
        self,
        spec: IngestSpec,
        sink: Sink,
        letter_box: LetterBox,
        *,
        bucket: IngestBucket | None = None,
        redrives: EventSource[object] | None = None,
        durable: str = "",
        ttl: float = 15.0,
        grace: float = 25.0,
    ) -> None:
        buffer = spec.buffer if isinstance(spec, SseSpec) else _TIMER_BUFFER
        self.name = spec.name
        self._sink = sink
        self._lease = Lease(bucket, spec.name, ttl=ttl) if bucket else None
        self._mark = Mark(bucket, spec.name) if bucket else None
        self._grace = grace
        self._handover = Handover(spec.name, sink, letter_box, buffer=buffer)
        self._ingest: Ingest = (
            SseIngest(spec, self._handover) if isinstance(spec, SseSpec) else TimerIngest(spec, self._handover)
        )
        self._returns = Returns(redrives, durable, self._ingest.take_back, lambda: self._handover.free)
        self._condition: Condition = "starting"
        self._since = time.monotonic()

    @property
    def books(self) -> Books:
        """What became of every frame so far: a copy."""
        books = self._handover.books
        return replace(books, dropped_names=books.dropped_names.copy())

    @property
    def drained(self) -> bool:
        """Whether there can be no more, or has been nothing for the feed's `idle`, and nothing waits for its ack.

        A process that stands by is drained once a dead holder's lease would have come to it.
        """
        match self._condition:
            case "starting":
                return False
            case "standing by":
                return self._lease is not None and time.monotonic() - self._since > 2 * self._lease.ttl
            case "stopped":
                return True
            case _:
                return self._ingest.drained and not self._handover.books.waiting

    def health(self) -> IngestHealth:
        if self._condition == "standing by" and self._lease is not None:
            return IngestHealth("standing by", self._lease.waiting)
        if self._handover.books.waiting and time.monotonic() - self._handover.moved_at > _STUCK:
            return IngestHealth("stuck", f"none of its frames was stored for more than {_STUCK:g} s")
        feed = self._ingest.health()
        if self._condition == "reading" and not feed.connected:
            return IngestHealth("waiting", feed.waiting)
        return IngestHealth(self._condition)

    async def run(self, shutdown: asyncio.Event) -> None:
        """Work until `shutdown` is set or the feed ends for good; then await the publish acks, and pass the lease on.

        Raises WorkerStopped where a policy says stop or dead letters can't be kept, after the same orderly end; ResourceConflict,
        BrokerError or ConnectionLost where it could not start. Cancelled, it ends at once.
        """
        await self._sink.open()
        try:
            if self._lease is None:
                await self._work(shutdown)
            else:
                self._enter("standing by")
                await self._lease.while_held(lambda: self._work(shutdown), shutdown)
                await self._settle()  # what was under way when the lease was lost
        finally:
            self._enter("stopped")
            self._handover.abandon()
            await self._sink.close()

    async def _work(self, shutdown: asyncio.Event) -> None:
        """Be the active one, to an orderly end; cancelled when the lease is lost."""
        self._enter("reading")
        try:
            done = await first(self._read(), shutdown.wait(), self._failed(), self._note_mark(), self._returns.run())
            await self._returns.stop()
            await self._settle()
        finally:
            self._enter("standing by")
            await self._returns.close()
        if self._mark is not None:
            await self._mark.write(self._handover.mark)
        done.result()

    async def _read(self) -> None:
        self._handover.mark = await self._mark.read() if self._mark else ""
        await self._ingest.run(self._sure)

    async def _sure(self) -> None:
        if self._lease is not None:
            await self._lease.sure()

    async def _note_mark(self) -> None:
        while True:
            await asyncio.sleep(_NOTE)
            if self._mark is not None:
                await self._mark.write(self._handover.mark)

    async def _settle(self) -> None:
        """Await the acks of all that was handed over, but not for ever."""
        await first(self._handover.settled(), self._handover.failed(), asyncio.sleep(self._grace))
        if waiting := self._handover.books.waiting:
            _logger.warning("%s: %d frames are not confirmed as stored", self.name, waiting)

    async def _failed(self) -> None:
        error = await self._handover.failed()
        raise WorkerStopped(self.name, error) from error

    def _enter(self, condition: Condition) -> None:
        self._condition = condition
        self._since = time.monotonic()


async def first(*works: Coroutine[object, object, object]) -> asyncio.Future[object]:
    """Run all until one ends, which is returned as it ended; the others are cancelled."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    return next(task for task in tasks if task in done)
