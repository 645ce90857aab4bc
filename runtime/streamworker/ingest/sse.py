"""A Server-Sent Events feed, published: each frame's name says its subject, its contract says whether it passes."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

from streamworker.delivery import Origin
from streamworker.errors import (
    ConfigurationError,
    ContractViolation,
    StreamworkerError,
    UnmappedEvent,
    Violation,
    WorkerStopped,
)
from streamworker.ingest.fields import Additions, IdTemplate, now, with_members
from streamworker.ingest.handover import Handover, Item
from streamworker.ingest.spec import SseSpec, Unmapped
from streamworker.sinks.base import Output
from streamworker.sources.base import SourceHealth
from streamworker.sources.sse_feed import SseFeed
from streamworker.sources.sse_frames import Frame
from streamworker.subject import AnySubject

EVENT_HEADER = "Feed-Event"
CONNECTION_HEADER = "Feed-Connection"
RECEIVED_HEADER = "Feed-Received"
"""What a dead letter says of its frame: its event name, its connection's id, and when it came."""

_LONGEST_NAME = 200


class SseIngest:
    """One feed at work. `run` again after it was cancelled reads on from the handover's mark."""

    def __init__(self, spec: SseSpec, handover: Handover) -> None:
        self._spec = spec
        self._handover = handover
        self._additions = Additions(spec.add)
        self._id = IdTemplate(spec.id)
        if not self._id.varies:
            raise ConfigurationError(
                f"ingest {spec.name}: the id {spec.id!r} names no field, so all events but the first would count as duplicates",
                hint='name what tells two events apart, as in "{connection.id}-{connection.seq}"',
            )
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
        """See one frame to where it belongs."""
        self._last = time.monotonic()
        at = now()
        subject = self._spec.events.get(frame.event)
        item = self._item(frame, subject, at)
        self._handover.receive(item)
        if subject is None:
            self._follow(self._spec.unmapped, item, UnmappedEvent(self._spec.name, frame.event))
            return
        try:
            output = self._output(frame, subject, at)
        except ContractViolation as violation:
            self._follow(self._spec.invalid, item, violation)
        else:
            self._handover.publish(item, output)

    def _output(self, frame: Frame, subject: AnySubject, at: str) -> Output:
        """What is published for a frame. Raises ContractViolation."""
        kind = subject.event.__name__
        if not frame.whole:
            raise ContractViolation(kind, [Violation("", f"no more than {self._spec.max_frame:,} bytes")])
        data = with_members(frame.data, self._additions.members(frame, at))
        if data is None:
            raise ContractViolation(kind, [Violation("", "a JSON object")])
        event: Any = subject.decode(data)  # of the subject's own type, which `AnySubject` can't say
        encoded = subject.encode(event)
        return Output(subject.subject_for(event), encoded, self._id.fill(kind, encoded), {})

    def _follow(self, policy: Unmapped, item: Item, error: StreamworkerError) -> None:
        if policy == "ignore":
            self._handover.drop(item, error)
            return
        self._handover.refuse(item, error)
        if policy == "stop":
            raise WorkerStopped(self._spec.name, error)

    def _item(self, frame: Frame, subject: AnySubject | None, at: str) -> Item:
        name, connection = self._spec.name, frame.connection
        event = frame.event[:_LONGEST_NAME]
        return Item(
            event=event,
            subject=subject.name if subject else "",
            data=frame.data,
            headers={EVENT_HEADER: event, CONNECTION_HEADER: connection.id, RECEIVED_HEADER: at},
            origin=Origin(name, connection.opened, frame.number),
            id=f"{name}.{connection.id}.{frame.number}",
            mark=frame.id,
        )
