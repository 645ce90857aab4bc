"""A source of this process: for tests, and for feeding a worker by hand. Redelivers as JetStream does, and forgets all at its end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar, cast, overload

from streamworker.delivery import Incoming, Origin
from streamworker.sources.base import ConsumerOptions, Receiver, SourceHealth
from streamworker.subject import Decodes

E = TypeVar("E")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")


class MemorySource(Generic[E]):
    """Events that were put into it, in order, each delivered until it is settled.

    What became of each is in `acked`, `termed` (with the reason) and `naks`, by sequence.
    """

    @overload
    def __init__(self: MemorySource[A], first: Decodes[A], /) -> None: ...
    @overload
    def __init__(self: MemorySource[A | B], first: Decodes[A], second: Decodes[B], /) -> None: ...
    @overload
    def __init__(
        self: MemorySource[A | B | C], first: Decodes[A], second: Decodes[B], third: Decodes[C], /
    ) -> None: ...
    def __init__(self, *subjects: Decodes[object]) -> None:
        self._subjects = cast("tuple[Decodes[E], ...]", subjects)  # the overloads say so
        self._origin = ("memory", time.time_ns())
        self._last = 0
        self._stored: list[Incoming] = []
        self._receiver: Receiver | None = None
        self._pending: set[int] = set()
        self._asked = 0
        self.acked: list[int] = []
        self.termed: dict[int, str] = {}
        self.naks: list[tuple[int, float]] = []

    @property
    def subjects(self) -> Sequence[Decodes[E]]:
        return self._subjects

    def put(self, subject: str, data: bytes, headers: Mapping[str, str] | None = None) -> int:
        """Store an event; returns its sequence."""
        self._last += 1
        stream, created = self._origin
        self._stored.append(Incoming(subject, data, headers, Origin(stream, created, self._last), self))
        self.wake()
        return self._last

    async def open(self, receiver: Receiver, _options: ConsumerOptions) -> MemorySource[E]:
        self._receiver = receiver
        self.wake()
        return self

    def wake(self) -> None:
        """Hand out what is wanted, as soon as the event loop is free."""
        if self._receiver is not None and self._stored:
            asyncio.get_running_loop().call_soon(self._deliver)

    def ack(self, incoming: Incoming) -> None:
        self._pending.discard(incoming.origin.sequence)
        self.acked.append(incoming.origin.sequence)

    def nak(self, incoming: Incoming, delay: float) -> None:
        self.naks.append((incoming.origin.sequence, delay))
        asyncio.get_running_loop().call_later(delay, self._again, incoming)

    def term(self, incoming: Incoming, reason: str) -> None:
        self._pending.discard(incoming.origin.sequence)
        self.termed[incoming.origin.sequence] = reason

    def in_progress(self, incoming: Incoming) -> None:
        """Nothing times out here."""

    @property
    def identity(self) -> str:
        return ""

    async def origins(self, _replies: Sequence[str]) -> Mapping[str, Origin]:
        raise NotImplementedError("nothing outlives this process")

    def handed_out(self, _reply: str) -> int:
        raise NotImplementedError("nobody takes over from this process")

    async def outstanding(self) -> int:
        return len(self._pending)

    def give_back(self, _replies: Sequence[str]) -> None:
        """Nothing is left here by a dead process."""

    async def stop(self) -> None:
        self._receiver = None

    async def written(self) -> None:
        """Settlements arrive at once."""

    async def settled(self) -> None:
        """Settlements arrive at once."""

    async def close(self) -> None:
        self._receiver = None

    async def drained(self) -> bool:
        return not self._stored and not self._pending

    def health(self) -> SourceHealth:
        return SourceHealth(connected=True, backlog=len(self._stored))

    def _deliver(self) -> None:
        while self._receiver is not None and self._stored and self._receiver.demand() > 0:
            incoming = self._stored.pop(0)
            self._pending.add(incoming.origin.sequence)
            self._receiver.receive(incoming)

    def _again(self, incoming: Incoming) -> None:
        again = Incoming(
            incoming.subject,
            incoming.data,
            incoming.headers,
            incoming.origin,
            self,
            delivered=incoming.delivered + 1,
        )
        self._stored.insert(0, again)
        self.wake()
