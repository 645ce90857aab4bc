"""How large a message may be for the streams that store it."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from typing import cast

from streamworker.errors import BrokerError, PublishRefused, ResourceConflict
from streamworker.jetstream.api import Api, StreamInfo
from streamworker.jetstream.outbox import HEAD_ROOM, fits, size_on_wire
from streamworker.jetstream.plan import covers
from streamworker.sinks.base import Output

_logger = logging.getLogger(__name__)
_OVERHEAD = 64  # bytes that a stored message takes beside subject, headers and data, generously
_LONGEST_SUBJECT = 4_096  # bytes: the `max_control_line` of a server


class StreamLimits:
    """The limits of the streams behind some subjects.

    A message above a stream's `max_bytes` gets no error where the stream discards the old: it is "stored", and the stream emptied.
    """

    def __init__(self, limits: Sequence[tuple[str, str, int, int]] = ()) -> None:
        """limits: stream, subject, the most bytes that a message may have, and that the stream may. surely: bytes that all of them take, with
        room left for the id."""
        self._limits = limits
        rooms = (min(largest, room - _OVERHEAD - _LONGEST_SUBJECT) for _, _, largest, room in limits)
        self.surely = min(rooms, default=sys.maxsize) - HEAD_ROOM

    def check(self, output: Output) -> None:
        """Raise PublishRefused if a stream would not keep it."""
        if fits(output.data, output.headers, self.surely):
            return
        size, name = size_on_wire(output.data, output.headers, output.id), len(output.subject.encode())
        for stream, subject, largest, room in self._limits:
            limit = min(largest, room - _OVERHEAD - name)
            if size > limit and covers(subject, output.subject):
                problem = f"{size:,} bytes with its headers; stream {stream} takes {limit:,} (max_msg_size, max_bytes)"
                raise PublishRefused(output.subject, 0, problem)


async def stream_limits(api: Api, subjects: Sequence[str]) -> StreamLimits:
    """Raises ResourceConflict if no stream stores a subject. Without the permission to ask, no limits are known."""
    limits = []
    for subject in subjects:
        try:
            names = await api.stream_names(subject)
            streams = [await api.stream_info(name) for name in names]
        except BrokerError as error:
            _logger.debug("the limits of the stream behind %s are unknown: %s", subject, error)
            continue
        if not streams:
            raise ResourceConflict(
                f"sink {subject}", "no stream stores it", hint="make a stream with this subject, or declare one"
            )
        limits += [
            (stream.name, subject, _limit(stream, "max_msg_size"), _limit(stream, "max_bytes")) for stream in streams
        ]
    return StreamLimits(limits)


def _limit(stream: StreamInfo, key: str) -> int:
    limit = cast("int", stream.config.get(key) or -1)
    return limit if limit > 0 else sys.maxsize
