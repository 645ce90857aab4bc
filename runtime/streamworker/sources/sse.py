"""Events right from a Server-Sent Events feed, for workers that are put together by hand: at most once.

A feed stores nothing, so nothing is delivered again: what a handler fails at, what was under way when the process died, and what came
while nobody read is gone. Where that matters, publish the feed by an ingest, and let a worker read the stream.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Any, Generic, Protocol, TypeAlias, TypeVar, cast, overload

from streamworker.delivery import Incoming, Origin
from streamworker.errors import ContractViolation, WorkerStopped
from streamworker.options import FeedOptions
from streamworker.sources.base import ConsumerOptions, Receiver, SourceHealth
from streamworker.sources.sse_feed import SseFeed
from streamworker.sources.sse_frames import Frame
from streamworker.subject import Decodes

_logger = logging.getLogger(__name__)
_NAMES = 100  # of unknown events that are counted apart

E = TypeVar("E")
E_co = TypeVar("E_co", covariant=True)
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")


class Names(Decodes[E_co], Protocol[E_co]):
    """A subject as this source sees it: it says which concrete subject an event would be published on."""

    def subject_for(self, event: Any, /) -> str: ...  # of its own events; a protocol in E_co can't say so


On: TypeAlias = tuple[str, Names[E]]
"""The name of a feed's events, and the subject that decodes them."""


class SseSource(Generic[E]):
    """`SseSource(url, ("order", ORDERS), ("refund", REFUNDS))`: events of a feed by their names.

    An event is told by the subject that it would be published on. Those under other names, and those
    that are too large, are passed over: `passed_over` counts them by name.
    headers: sent with each request; may hold credentials. tls: for authorities and certificates of one's own.
    Raises ConfigurationError where the URL or a header can't be sent.
    """

    @overload
    def __init__(
        self: SseSource[A],
        url: str,
        a: On[A],
        /,
        *,
        headers: Mapping[str, str] | None = ...,
        options: FeedOptions | None = ...,
        tls: ssl.SSLContext | None = ...,
    ) -> None: ...
    @overload
    def __init__(
        self: SseSource[A | B],
        url: str,
        a: On[A],
        b: On[B],
        /,
        *,
        headers: Mapping[str, str] | None = ...,
        options: FeedOptions | None = ...,
        tls: ssl.SSLContext | None = ...,
    ) -> None: ...
    @overload
    def __init__(
        self: SseSource[A | B | C],
        url: str,
        a: On[A],
        b: On[B],
        c: On[C],
        /,
        *,
        headers: Mapping[str, str] | None = ...,
        options: FeedOptions | None = ...,
        tls: ssl.SSLContext | None = ...,
    ) -> None: ...
    def __init__(
        self,
        url: str,
        /,
        *events: On[Any],
        headers: Mapping[str, str] | None = None,
        options: FeedOptions | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.passed_over: Counter[str] = Counter()
        self._events = cast("dict[str, Names[E]]", dict(events))  # the overloads say so
        self._feed = SseFeed(url, headers=headers, options=options, tls=tls)

    @property
    def subjects(self) -> Sequence[Decodes[E]]:
        return tuple(self._events.values())

    async def open(self, receiver: Receiver, _options: ConsumerOptions) -> OpenSseSource:
        return OpenSseSource(self._feed, self._events, receiver, self.passed_over)


class OpenSseSource:
    """A feed at work: reads while the receiver has demand, and leaves the rest in the socket. See `OpenSource`, whose contract this is."""

    identity = ""

    def __init__(
        self, feed: SseFeed, events: Mapping[str, Names[object]], receiver: Receiver, passed_over: Counter[str]
    ) -> None:
        self._feed = feed
        self._events = events
        self._receiver = receiver
        self._passed_over = passed_over
        self._held = 0
        self._demand = asyncio.Event()
        self._task = asyncio.create_task(self._read(), name=f"sse:{feed.url}")
        self._task.add_done_callback(self._note_end)

    def ack(self, _incoming: Incoming, /) -> None:
        self._held -= 1

    def nak(self, incoming: Incoming, _delay: float, /) -> None:
        self._held -= 1
        if incoming.started:
            _logger.warning("an event on %s failed, and a feed delivers nothing again: it is lost", incoming.subject)

    def term(self, _incoming: Incoming, _reason: str, /) -> None:
        self._held -= 1

    def in_progress(self, _incoming: Incoming, /) -> None:
        """Nothing times out here."""

    async def origins(self, _replies: Sequence[str], /) -> Mapping[str, Origin]:
        raise NotImplementedError("nothing of a feed outlives a process")

    def handed_out(self, _reply: str, /) -> int:
        raise NotImplementedError("nothing of a feed outlives a process")

    async def outstanding(self) -> int:
        return self._held

    def give_back(self, _replies: Sequence[str], /) -> None:
        """Nothing of a feed outlives a process."""

    def wake(self) -> None:
        self._demand.set()

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})

    async def written(self) -> None:
        """Settlements go nowhere."""

    async def settled(self) -> None:
        """Settlements go nowhere."""

    async def close(self) -> None:
        await self.stop()

    async def drained(self) -> bool:
        return self._feed.ended and not self._held

    def health(self) -> SourceHealth:
        return SourceHealth(connected=True) if self._feed.ended else self._feed.health()

    async def _read(self) -> None:
        async with aclosing(self._feed.frames()) as frames:
            while await self._wanted() and (frame := await anext(frames, None)):
                self._hand_over(frame)

    async def _wanted(self) -> bool:
        while self._receiver.demand() <= 0:
            self._demand.clear()
            await self._demand.wait()
        return True

    def _hand_over(self, frame: Frame) -> None:
        subject = self._events.get(frame.event)
        if subject is None:
            self._pass_over(frame.event, "no subject was named for them")
            return
        if not frame.whole:
            self._pass_over(frame.event, "one was too large")
            return
        origin = Origin(self._feed.url, frame.connection.opened, frame.number)
        self._held += 1
        self._receiver.receive(Incoming(_concrete(subject, frame.data), frame.data, None, origin, self))

    def _pass_over(self, event: str, why: str) -> None:
        name = event[:200] if event[:200] in self._passed_over or len(self._passed_over) < _NAMES else "(others)"
        self._passed_over[name] += 1
        if self._passed_over[name] == 1:
            _logger.warning("events %r of %s are passed over: %s", name, self._feed.url, why)

    def _note_end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._receiver.failed(WorkerStopped(self._feed.url, error))


def _concrete(subject: Names[object], data: bytes) -> str:
    """Where an event would be published; with blanks for its tokens where its contract refuses it, which the worker finds out, too."""
    try:
        return subject.subject_for(subject.decode(data))
    except ContractViolation:
        return subject.filter.replace("*", "_").replace(">", "_")
