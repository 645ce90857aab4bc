"""Every option of a worker or feed, declared once. Durations are seconds, sizes bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Emit: TypeAlias = Literal["one", "maybe", "many", "none"]


@dataclass(frozen=True, kw_only=True)
class RetryOptions:
    """How a failing event is tried again.

    attempts: tries in all before it is dead-lettered. shortest, longest: bounds of the delay between two, which doubles from the
    first to the second with full jitter.
    """

    attempts: int = 5
    shortest: float = 1.0
    longest: float = 60.0


@dataclass(frozen=True, kw_only=True)
class BatchOptions:
    """How events are gathered: a batch closes at `max` events or `wait` seconds after its first."""

    max: int
    wait: float = 1.0


@dataclass(frozen=True, kw_only=True)
class WorkerOptions:
    """How a worker runs.

    concurrency: handlers running at once in this process.
    max_unconfirmed: deliveries of this process whose outputs wait for their publish ack.
    timeout: longest run of a handler, in seconds; the delivery then failed.
    ack_wait: how long the server waits for a sign of life before it delivers again; ours goes out every third of it.
    start: what a new durable begins with: everything stored, or only what comes.
    order_by: a field, dotted where nested: events with one value there are handled in order.
    grace: how long a shutdown lets handlers and publish acks finish, in seconds.
    partitions: how many processes may share an ordered worker, by the token of its subjects that `order_by` names; None pins it to one.
    """

    concurrency: int = 64
    max_unconfirmed: int = 4096
    timeout: float = 300.0
    ack_wait: float = 30.0
    grace: float = 25.0
    start: Literal["all", "new"] = "all"
    retry: RetryOptions = field(default_factory=RetryOptions)
    batch: BatchOptions | None = None
    order_by: str | None = None
    partitions: int | None = None


@dataclass(frozen=True, kw_only=True)
class FeedOptions:
    """How a Server-Sent Events feed is read.

    idle: how long it may be silent, comments included, before it is taken for dead. shortest, longest: bounds of the delay before
    connecting again, which doubles with full jitter; a feed's own `retry:` counts within them. connect: longest wait for a connection.
    max_frame: largest frame; of a longer one the beginning is kept.
    """

    idle: float = 45.0
    shortest: float = 1.0
    longest: float = 60.0
    connect: float = 10.0
    max_frame: int = 1024 * 1024
