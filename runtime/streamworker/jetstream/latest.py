"""The last messages of a subject that a stream holds."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from streamworker.jetstream.api import Api
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.messages import Message
from streamworker.jetstream.scan import scan

_FARTHER: Final = 8  # where too few were found, so many times as far back next


async def latest(connection: Connection, stream: str, subject: str, count: int) -> Sequence[Message]:
    """The last `count` messages of `subject` (wildcards allowed), or as many as there are, in order. Nothing is settled, and nobody else
    gets less. Raises BrokerError; ConnectionLost."""
    info = await Api(connection).stream_info(stream)
    reach = count
    while True:
        start = max(info.first, info.last - reach + 1, 1)
        found: deque[Message] = deque(maxlen=count)
        async for message in scan(connection, stream, subject, start=start):
            found.append(message)
        if len(found) == count or start <= info.first or not info.messages:
            return list(found)
        reach *= _FARTHER
