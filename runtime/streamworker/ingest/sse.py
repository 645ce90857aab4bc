"""A Server-Sent Events feed, published: each frame's name says its subject, its contract says whether it passes."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing

from streamworker.delivery import Incoming
from streamworker.errors import ContractViolation, UnmappedEvent, WorkerStopped
from streamworker.ingest.fields import now
from streamworker.ingest.handover import Handover, Item, Nobody
from streamworker.ingest.spec import SseSpec
from streamworker.ingest.translation import LONGEST_NAME, Translation, frame_of
from streamworker.sources.base import SourceHealth
from streamworker.sources.sse_feed import SseFeed
from streamworker.sources.sse_frames import Frame

_NOBODY = Nobody()


class SseIngest:
    """One feed at work. `run` again after it was cancelled reads on from the handover's mark."""

    def __init__(self, spec: SseSpec, handover: Handover) -> None:
        self._spec = spec
        self._handover = handover
        self._translation = Translation(spec)
        self._last = time.monotonic()
        self._feed = SseFeed(spec.url, name=spec.name, headers=spec.headers, options=spec)

    @property
    def drained(self) -> bool:
        """Whether there can be no more, or has been nothing for as long as the feed may be silent."""
        return self._feed.ended or time.monotonic() - self._last > self._spec.idle

    def health(self) -> SourceHealth:
        return self._feed.health()

    async def run(self, sure: Callable[[], Awaitable[None]]) -> None:
        """Read and hand over until the feed ends for good. `sure` is awaited before each frame: a process that was stopped for a while
        finds frames of long ago in its socket. Raises WorkerStopped where a policy says stop."""
        self._last = time.monotonic()
        self._feed.last_id = self._handover.mark
        async with aclosing(self._feed.frames()) as frames:
            async for frame in frames:
                await sure()
                self.take(frame)
                await self._handover.room()

    def take(self, frame: Frame) -> None:
        """See one frame to where it belongs. Raises WorkerStopped where a policy says stop."""
        self._last = time.monotonic()
        at = now()
        incoming = self._translation.incoming(frame, at, _NOBODY)
        stopping = self._hand_over(frame, at, incoming)
        if stopping is not None:
            raise WorkerStopped(self._spec.name, stopping)

    def take_back(self, incoming: Incoming) -> None:
        """See a frame that was a dead letter, and was sent back, to where it belongs now. Raises KeyError where it is none."""
        frame, at = frame_of(incoming.headers or {}, incoming.origin, incoming.data)
        self._hand_over(frame, at, incoming)

    def _hand_over(self, frame: Frame, at: str, incoming: Incoming) -> UnmappedEvent | ContractViolation | None:
        """Publish it, or follow the policy for what can't be; returns why, where that is to stop."""
        id = f"{self._spec.name}.{frame.connection.id}.{frame.number}"
        again = f".{incoming.redriven}" if incoming.redriven else ""
        item = Item(frame.event[:LONGEST_NAME], incoming, id + again, mark=frame.id)
        self._handover.receive(item)
        try:
            output = self._translation.output(frame, at)
        except (UnmappedEvent, ContractViolation) as error:
            return self._follow(item, error)
        self._handover.publish(item, output)
        return None

    def _follow(self, item: Item, error: UnmappedEvent | ContractViolation) -> UnmappedEvent | ContractViolation | None:
        policy = self._spec.unmapped if isinstance(error, UnmappedEvent) else self._spec.invalid
        if policy == "ignore":
            self._handover.drop(item, error)
        else:
            self._handover.refuse(item, error)
        return error if policy == "stop" else None
