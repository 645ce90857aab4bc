"""The role of an event source. A worker opens one and is handed its deliveries as they come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol, TypeVar

from streamworker.delivery import Incoming, Origin, Settler
from streamworker.errors import StreamworkerError
from streamworker.names import lease_bucket, partition_consumer
from streamworker.options import WorkerOptions
from streamworker.subject import Decodes

E_co = TypeVar("E_co", covariant=True)


@dataclass(frozen=True)
class Partitions:
    """How a source is shared out: into so many partitions, by the field `key`, among the processes that say in `bucket` that they are
    there."""

    count: int
    key: str
    bucket: str


@dataclass(frozen=True, kw_only=True)
class ConsumerOptions:
    """What a worker asks of its source. Durations are seconds. pinned: one process at a time is handed deliveries, of each partition where
    there are some."""

    durable: str
    ack_wait: float = 30.0
    start: Literal["all", "new"] = "all"
    pinned: bool = False
    partitions: Partitions | None = None

    @classmethod
    def of_worker(cls, options: WorkerOptions, durable: str, pipeline: str) -> ConsumerOptions:
        """What a worker with these options asks of its source: an ordered one is pinned."""
        shared = None
        if options.partitions is not None and options.order_by is not None:
            shared = Partitions(options.partitions, options.order_by, lease_bucket(pipeline))
        return cls(
            durable=durable,
            ack_wait=options.ack_wait,
            start=options.start,
            pinned=options.order_by is not None,
            partitions=shared,
        )

    def for_partition(self, number: int) -> ConsumerOptions:
        """What is asked of one partition, whose copy holds from the beginning what the worker is to have."""
        return replace(self, durable=partition_consumer(self.durable, number), start="all", partitions=None)

    def for_redrives(self) -> ConsumerOptions:
        """What the same worker asks of the source of its redrives, which are few: they are not shared out."""
        return replace(self, durable=f"{self.durable}-redrive", partitions=None)


class Receiver(Protocol):
    """The worker, as one source sees it; each open source has its own. None of these raises, and none but `release` waits."""

    def receive(self, incoming: Incoming, /) -> None:
        """Take over a delivery; it will be settled, once. Also what comes in after `stop()`: it is given back."""

    def demand(self) -> int:
        """How many deliveries the source may have asked for and not yet handed over, all in all."""
        ...

    def lost(self, settler: Settler, reason: str, /) -> None:
        """The stream or consumer behind this source has gone or was made anew: what `settler` handed over must not be settled any more."""

    async def release(self, part: OpenSource, /) -> None:
        """Have a part of this source stop, and return when all that it handed over is settled: what runs is finished, the rest given back."""

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

    async def origins(self, replies: Sequence[str], /) -> Mapping[str, Origin]:
        """The origins of deliveries by their replies, from these alone; of one that is stored no more there is none. Raises BrokerError or
        ConnectionLost."""
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
