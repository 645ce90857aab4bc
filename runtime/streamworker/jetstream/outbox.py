"""Everything that is written to NATS goes through here: one queue, one task that writes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from typing import TypeAlias

from nats import errors
from nats.aio.client import Client

from streamworker.jetstream.client import send_bytes
from streamworker.jetstream.wire import MESSAGE_ID, publish_line, published_bytes

Refused: TypeAlias = Callable[[str, str], None]
"""Told of a write that can't be sent: its reply subject, and why."""

Write: TypeAlias = tuple[str, str, bytes, Refused | None]
"""Subject, reply subject, the bytes for the server, and who is told if they can't be sent."""

_GOING_DOWN = (errors.ConnectionClosedError, errors.ConnectionDrainingError, errors.OutboundBufferLimitError, OSError)
_ROOM = 64 * 1024
HEAD_ROOM = 1024  # bytes, enough for a message id and one header of 200 characters
_AT_ONCE = 256  # writes that are handed to the client in one piece


class Outbox:
    """A queue of writes that never makes its callers wait. What is queued while disconnected is written after the next connect.

    A write that was handed to the client before a disconnect may be lost: whoever needs it done asks for an answer.
    """

    def __init__(self) -> None:
        self._queue: deque[Write] = deque()
        self._client: Client | None = None
        self._writer: asyncio.Task[None] | None = None
        self._work = asyncio.Event()
        self._waits = False  # whether the writer does: asked for each write, and 0.1 us cheaper than the event
        self.max_payload = 1024 * 1024

    def __len__(self) -> int:
        return len(self._queue)

    def send(
        self,
        subject: str,
        payload: bytes,
        reply: str = "",
        headers: Mapping[str, str] | None = None,
        refused: Refused | None = None,
    ) -> None:
        """Queue a write. Never waits or raises; `refused` is told, soon, if it turns out that it can't be sent."""
        try:
            line = publish_line(subject, payload, reply, headers)
        except ValueError as error:
            if refused is not None:
                asyncio.get_running_loop().call_soon(refused, reply, str(error))
        else:
            self.put((subject, reply, line, refused))

    def put(self, write: Write) -> None:
        """Queue a write that is bytes already."""
        self._queue.append(write)
        if self._waits:
            self._waits = False
            self._work.set()

    def withdraw(self, belongs: Callable[[Write], bool]) -> list[Write]:
        """Take back queued writes, in order."""
        taken = [write for write in self._queue if belongs(write)]
        if taken:
            kept = [write for write in self._queue if not belongs(write)]
            self._queue.clear()
            self._queue.extend(kept)
        return taken

    def attach(self, client: Client) -> None:
        """Write to this client from now on."""
        self.max_payload = client.max_payload
        self._client = client
        self._writer = asyncio.get_running_loop().create_task(self._write(client), name="outbox")

    def detach(self) -> None:
        """Write no more until the next `attach`."""
        # Not cancelled: the client swallows cancellation while it flushes. The writer sees that its client is not ours any more.
        self._client = None
        self._work.set()

    async def written(self) -> None:
        """Return when all that is queued now was handed to the client; waits for a connection, if need be."""
        written = asyncio.Event()
        self.put(
            ("", "", b"", lambda _reply, _reason: written.set())
        )  # no bytes: it only tells how far the writer has come
        await written.wait()

    async def _write(self, client: Client) -> None:
        queue = self._queue
        while self._client is client:
            if not client.is_connected:
                return  # the connection will notice, and attach another
            if not queue:
                self._work.clear()
                self._waits = True
                await self._work.wait()
                continue
            writes, lines, marks = self._next()
            try:
                await send_bytes(client, b"".join(lines))
            except _GOING_DOWN:
                queue.extendleft(reversed(writes))
                return
            for passed in marks:
                passed("", "")

    def _next(self) -> tuple[list[Write], list[bytes], list[Refused]]:
        """What is handed to the client in one piece: some writes of moderate size, or one large one. And who waits for that."""
        queue, size, limit = self._queue, 0, self.max_payload
        writes: list[Write] = []
        lines: list[bytes] = []
        marks: list[Refused] = []
        while queue and size < _ROOM and len(writes) < _AT_ONCE:
            write = queue.popleft()
            line = write[2]
            size += (length := len(line))
            if length > limit and _is_too_large(write, limit):
                continue
            writes.append(write)
            lines.append(line)
            if not length and (passed := write[3]) is not None:
                marks.append(passed)
        return writes, lines, marks


def _is_too_large(write: Write, limit: int) -> bool:
    """The server counts the headers, too, and closes the connection over one byte too many. Tells whoever wants to know."""
    _, reply, line, refused = write
    too_large = published_bytes(line) > limit
    if too_large and refused is not None:
        refused(reply, "larger than the server's max_payload, headers included")
    return too_large


def size_on_wire(payload: bytes, headers: Mapping[str, str], id: str = "") -> int:
    """Bytes that count towards the server's `max_payload`: headers do, and the message id is one."""
    size = len(payload) + 12 + sum(4 + len(name) + _bytes(value) for name, value in headers.items())
    return size + 4 + len(MESSAGE_ID) + _bytes(id) if id else size


def fits(payload: bytes, headers: Mapping[str, str], limit: int) -> bool:
    """Whether the server takes it. Quick where there is room to spare: 0.3 us."""
    if len(payload) + _ROOM < limit and sum(map(len, headers.values())) < _ROOM // 8:
        return True
    return size_on_wire(payload, headers) <= limit


def _bytes(text: str) -> int:
    return len(text if text.isascii() else text.encode())
