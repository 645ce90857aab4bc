"""The role of an event source. A worker opens one and is handed its deliveries as they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from streamworker.delivery import Incoming, Origin, Settler
from streamworker.errors import StreamworkerError
from streamworker.options import WorkerOptions
from streamworker.subject import Decodes

E_co = TypeVar("E_co", covariant=True)


@dataclass(frozen=True, kw_only=True)
class ConsumerOptions:
    """What a worker asks of its source. Durations are seconds. partitions: the source of an ordered worker is one of so many."""

    durable: str
    ack_wait: float = 30.0
    start: Literal["all", "new"] = "all"
    pinned: bool = False
    partitions: int | None = None

    @classmethod
    def of_worker(cls, options: WorkerOptions, durable: str) -> ConsumerOptions:
        """What a worker with these options asks of a source: an ordered one is pinned."""
        return cls(
            durable=durable,
            ack_wait=options.ack_wait,
            start=options.start,
            pinned=options.order_by is not None,
            partitions=options.partitions,
        )


class Receiver(Protocol):
    """The worker, as one source sees it; each open source has its own. None of these blocks or raises."""

    def receive(self, incoming: Incoming, /) -> None:
        """Take over a delivery; it will be settled, once. Also what comes in after `stop()`: it is given back."""

    def demand(self) -> int:
        """How many deliveries the source may have asked for and not yet handed over, all in all."""
        ...

    def lost(self, reason: str, /) -> None:
        """The stream or consumer behind this source has gone or was made anew: what it handed over must not be settled any more."""

    def failed(self, error: StreamworkerError, /) -> None:
        """This source can't go on, ever: the worker stops."""


@dataclass(frozen=True)
class SourceHealth:
    """connected: whether the source gets signs of life. waiting: what it waits for, where it does not. backlog: messages that
    are stored and not yet handed out, None where unknown."""

    connected: bool
    waiting: str = ""
    backlog: int | None = None


class OpenSource(Settler, Protocol):
    """A source at work. It is the `settler` of every delivery that it hands over."""

    @property
    def identity(self) -> str:
        """Which stream and consumer it is about; differs after either was made anew. Empty where nothing outlives the process."""
        ...

    def origin_of(self, reply: str, /) -> Origin:
        """The origin of a delivery, from its reply alone."""
        ...

    def handed_out(self, reply: str, /) -> int:
        """How many deliveries the consumer had handed out, to anyone, with the one that has this reply."""
        ...

    async def outstanding(self) -> int:
        """How many deliveries of the consumer are handed out, to anyone, and not settled. Raises BrokerError or ConnectionLost."""
        ...

    def give_back(self, replies: Sequence[str], /) -> None:
        """Have what a dead process held delivered again at once: the server does not check who holds a delivery."""

    def wake(self) -> None:
        """The receiver's demand has grown."""

    async def stop(self) -> None:
        """Ask for nothing more. After it returns nothing more is received; settlements still go out."""

    async def written(self) -> None:
        """Return when every settlement queued so far is on its way: it arrives even if this process dies now."""

    async def settled(self) -> None:
        """Return when every settlement queued so far has reached the server. Raises ConnectionLost where it can't."""

    async def close(self) -> None: ...

    async def drained(self) -> bool:
        """Whether nothing is stored that was not handed out, and nothing handed out that was not settled."""

    def health(self) -> SourceHealth: ...


class EventSource(Protocol[E_co]):
    """Where a worker's events come from. `subjects` says how to decode them."""

    @property
    def subjects(self) -> Sequence[Decodes[E_co]]: ...

    async def open(self, receiver: Receiver, options: ConsumerOptions) -> OpenSource:
        """Start delivering. Raises ResourceConflict, BrokerError or ConnectionLost."""
        ...
