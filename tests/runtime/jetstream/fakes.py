"""A worker as its source sees it, that keeps what it gets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from streamworker.delivery import Incoming, Settler
from streamworker.errors import StreamworkerError
from streamworker.sources.base import OpenSource


class Holder:
    """Takes deliveries, up to `room` at once; `settle` (default: an ack) decides on each. None keeps it."""

    def __init__(self, settle: Callable[[Incoming], None] | None = None, *, room: int = 100) -> None:
        self.settle = settle or acks
        self.room = room
        self.got: list[Incoming] = []
        self.losses: list[str] = []
        self.failures: list[StreamworkerError] = []

    def receive(self, incoming: Incoming) -> None:
        self.got.append(incoming)
        self.settle(incoming)

    def demand(self) -> int:
        return self.room

    def lost(self, _settler: Settler, reason: str) -> None:
        self.losses.append(reason)

    async def release(self, part: OpenSource) -> None:
        """All that it handed over is settled, or kept for good."""
        await part.stop()

    def failed(self, error: StreamworkerError) -> None:
        self.failures.append(error)

    @property
    def sequences(self) -> list[int]:
        return [incoming.origin.sequence for incoming in self.got]

    @property
    def times(self) -> Counter[bytes]:
        """How often each body came."""
        return Counter(incoming.data for incoming in self.got)


def acks(incoming: Incoming) -> None:
    incoming.settler.ack(incoming)


def keeps(_incoming: Incoming) -> None:
    """Neither acks nor naks."""
