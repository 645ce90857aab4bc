"""Where an ingest hands its frames over to NATS: each is published or kept as a dead letter, and the books say what became of it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from streamworker import letters
from streamworker.delivery import Incoming
from streamworker.errors import PublishRefused, StreamworkerError
from streamworker.ingest.books import Books
from streamworker.letters import LetterBox, Reason
from streamworker.sinks.base import OnStored, Output, Stored

_MOST_BYTES = 64 * 1024 * 1024  # that may wait, whatever their number
_BEHIND = 4  # buffers of items with a mark that are kept until all before them are settled


class Sink(Protocol):
    """A sink of events that are encoded already: the part of `EventSink` that an ingest needs."""

    def check(self, output: Output, /) -> None: ...
    async def open(self) -> None: ...
    def publish(self, output: Output, on_stored: OnStored) -> None: ...
    async def close(self) -> None: ...


@dataclass(slots=True, eq=False)
class Item:
    """A frame or tick on its way.

    event: its name. incoming: as a delivery, acked once it is stored, whether published or as a dead letter. id: of its dead letter.
    mark: what to go on after once it is stored; may be empty.
    """

    event: str
    incoming: Incoming
    id: str
    mark: str = ""
    settled: bool = field(default=False, init=False)


class Handover:
    """Takes items over from one ingest. buffer: how many may wait for their acks; `room` is to be awaited before the next.

    mark: how far everything is stored. error: why dead letters can't be kept; what was to become one then waits for ever.
    """

    def __init__(self, ingest: str, sink: Sink, letter_box: LetterBox, *, buffer: int) -> None:
        self.books = Books()
        self.mark = ""
        self.error: StreamworkerError | None = None
        self.moved_at = time.monotonic()
        self._ingest = ingest
        self._log = logging.getLogger(f"streamworker.{ingest}")
        self._sink = sink
        self._letters = letter_box
        self._buffer = buffer
        self._bytes = 0
        self._line: deque[Item] = deque()
        self._moved = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def receive(self, item: Item) -> None:
        """Take an item over. One of `publish`, `refuse` and `drop` has to follow."""
        if not self.books.waiting:
            self.moved_at = time.monotonic()
        self.books.receive()
        self._bytes += len(item.incoming.data)
        if item.mark:
            self._line.append(item)

    def publish(self, item: Item, output: Output) -> None:
        """Publish it; what the server will never take becomes a dead letter."""
        try:
            self._sink.check(output)
        except PublishRefused as refused:
            self.refuse(item, refused, "refused")
        else:
            self._sink.publish(output, partial(self._answered, item))

    def refuse(self, item: Item, error: StreamworkerError, reason: Reason = "feed") -> None:
        """Keep it as a dead letter, with its error."""
        self._log.warning("kept as a dead letter: %.500s", error)
        self._beside(self._keep(item, error, reason))

    def drop(self, item: Item, error: StreamworkerError) -> None:
        """Drop it, by a policy that says ignore. The first of its name is told of, the others are counted."""
        if self.books.drop(item.event):
            self._log.info("dropped, as the policy says: %.500s (the first of its name; others are counted)", error)
        self._settle(item)

    @property
    def free(self) -> int:
        """How many more may wait."""
        return max(0, self._buffer - self.books.waiting)

    async def room(self) -> None:
        """Return when less than a full buffer waits, and not too many stand behind one that waits for long."""
        while (
            self.books.waiting >= self._buffer
            or self._bytes >= _MOST_BYTES
            or len(self._line) >= _BEHIND * self._buffer
        ):
            await self._change()

    async def settled(self) -> None:
        """Return when nothing waits."""
        while self.books.waiting:
            await self._change()

    async def failed(self) -> StreamworkerError:
        """Return once dead letters can't be kept, with the reason."""
        while self.error is None:
            await self._change()
        return self.error

    def abandon(self) -> None:
        """End what is under way; it stays among the waiting."""
        for task in self._tasks:
            task.cancel()

    async def _change(self) -> None:
        self._moved.clear()
        await self._moved.wait()

    def _answered(self, item: Item, _output: Output, answer: Stored | StreamworkerError) -> None:
        if isinstance(answer, Stored):
            self.books.publish(duplicate=answer.duplicate)
            self._settle(item)
        else:
            self.refuse(item, answer, "refused")

    async def _keep(self, item: Item, error: StreamworkerError, reason: Reason) -> None:
        try:
            await self._letters.store(letters.write(self._ingest, item.incoming, error, reason), item.id)
        except StreamworkerError as trouble:
            self.error = trouble
            self._moved.set()
        else:
            self.books.refuse()
            self._settle(item)

    def _settle(self, item: Item) -> None:
        item.settled = True
        item.incoming.settler.ack(item.incoming)
        self._bytes -= len(item.incoming.data)
        while self._line and self._line[0].settled:
            self.mark = self._line.popleft().mark or self.mark
        self.moved_at = time.monotonic()
        self._moved.set()

    def _beside(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class Nobody:
    """Settles nothing: a frame has no delivery behind it."""

    def ack(self, incoming: Incoming, /) -> None: ...
    def nak(self, incoming: Incoming, delay: float, /) -> None: ...
    def term(self, incoming: Incoming, reason: str, /) -> None: ...
    def in_progress(self, incoming: Incoming, /) -> None: ...
