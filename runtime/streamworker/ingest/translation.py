"""From a feed's frame to what is published for it; and to what a dead letter keeps of it, and back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from streamworker.delivery import Incoming, Origin, Settler
from streamworker.errors import ConfigurationError, ContractViolation, UnmappedEvent, Violation
from streamworker.ingest.fields import Additions, IdTemplate, with_members
from streamworker.ingest.spec import SseSpec
from streamworker.sinks.base import Output
from streamworker.sources.sse_frames import Connection, Frame

EVENT_HEADER = "Feed-Event"
CONNECTION_HEADER = "Feed-Connection"
RECEIVED_HEADER = "Feed-Received"
"""What a dead letter says of its frame: its event name, its connection's id, and when it came."""

LONGEST_NAME = 200  # characters of an event name that are told


class Translation:
    """What an ingest makes of frames. Raises ConfigurationError where its ids would all be the same."""

    def __init__(self, spec: SseSpec) -> None:
        self._spec = spec
        self._additions = Additions(spec.add)
        self._id = IdTemplate(spec.id)
        if not self._id.varies:
            raise ConfigurationError(
                f"ingest {spec.name}: the id {spec.id!r} names no field, so all events but the first would count as duplicates",
                hint='name what tells two events apart, as in "{connection.id}-{connection.seq}"',
            )

    def output(self, frame: Frame, at: str) -> Output:
        """What is published for a frame that came `at` a time. Raises UnmappedEvent or ContractViolation."""
        subject = self._spec.events.get(frame.event)
        if subject is None:
            raise UnmappedEvent(self._spec.name, frame.event)
        kind = subject.event.__name__
        if not frame.whole:
            raise ContractViolation(kind, [Violation("", f"no more than {self._spec.max_frame:,} bytes")])
        data = with_members(frame.data, self._additions.members(frame, at))
        if data is None:
            raise ContractViolation(kind, [Violation("", "a JSON object")])
        event: Any = subject.decode(data)  # of the subject's own type, which `AnySubject` can't say
        encoded = subject.encode(event)
        return Output(subject.subject_for(event), encoded, self._id.fill(kind, encoded), {})

    def incoming(self, frame: Frame, at: str, settler: Settler) -> Incoming:
        """A frame as a delivery, of which `frame_of` makes the frame again. Its subject is as declared: it may have no other."""
        subject = self._spec.events.get(frame.event)
        headers = {
            EVENT_HEADER: frame.event[:LONGEST_NAME],
            CONNECTION_HEADER: frame.connection.id,
            RECEIVED_HEADER: at,
        }
        origin = Origin(self._spec.name, frame.connection.opened, frame.number)
        return Incoming(subject.name if subject else "", frame.data, headers, origin, settler)


def frame_of(headers: Mapping[str, str], origin: Origin, data: bytes) -> tuple[Frame, str]:
    """The frame of a dead letter, and when it came. Raises KeyError where it is not of a feed."""
    connection = Connection(headers[CONNECTION_HEADER], origin.created)
    return Frame(connection, origin.sequence, headers[EVENT_HEADER], data, ""), headers[RECEIVED_HEADER]
