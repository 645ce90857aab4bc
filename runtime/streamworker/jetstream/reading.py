"""Reads what the server sends: messages go straight to whoever listens, all other lines of the protocol to nats-py.

Why not nats-py's own way (regular expressions, a Msg with its headers read, a queue and a task for each subscription): it takes
4.0 us for a message, this takes 1.1, and an event has two, itself and the publish ack of its output (`python -m benchmarks.pieces`).

It leans on nats-py 2.16: a client hands all bytes that it reads to `parse` of its `_ps`, which is a `nats.protocol.parser.Parser`. A test
fails where that is no longer so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from nats.aio.client import Client
from nats.errors import ProtocolError
from nats.protocol.parser import Parser

from streamworker.delivery import made
from streamworker.jetstream.messages import Message

OnMessage: TypeAlias = Callable[[Message], None]
"""Takes a message, at once: whatever it does, the socket waits for it."""

_LINE_END = b"\r\n"
_LONGEST_LINE = 1024 * 1024  # an INFO may name many servers
_LARGEST = 64 * 1024 * 1024  # no server takes messages of more


class Reader(Parser):
    """Takes the bytes of one client. on_error: told of what a listener raises; the next message is read all the same."""

    def __init__(self, client: Client, on_error: Callable[[Exception], None]) -> None:
        self._client = client
        self._on_error = on_error
        self._listeners: dict[bytes, OnMessage] = {}
        self._count = 0
        super().__init__(client)

    def listen(self, on_message: OnMessage) -> bytes:
        """Have `on_message` called for what comes under this subscription id."""
        self._count += 1
        sid = b"%d" % self._count
        self._listeners[sid] = on_message
        return sid

    def forget(self, sid: bytes) -> None:
        """What still comes under this id is dropped."""
        self._listeners.pop(sid, None)

    def reset(self) -> None:
        super().reset()
        self._pieces: list[bytes] = []
        self._kept = 0
        self._wanted = 0

    async def parse(self, data: bytes = b"") -> None:
        """Take the next bytes, cut anywhere. Raises ProtocolError for what no server sends."""
        if self._pieces:
            data = self._joined(data)
        place = 0
        while data:
            try:
                place = self._hand_over(data, place)
            except (ValueError, IndexError):
                raise ProtocolError from None
            end = data.find(_LINE_END, place) + len(_LINE_END)
            if self._wanted or end < len(_LINE_END):
                self._keep(data[place:])
                return
            await self._other(data[place:end])
            if not self._client.is_connected:
                return
            place = end

    def _joined(self, data: bytes) -> bytes:
        """All that was kept and `data`, if that is enough to go on; else it is kept, too."""
        self._keep(data)
        if self._kept < self._wanted:
            return b""
        data = b"".join(self._pieces)
        self._pieces.clear()
        self._kept = self._wanted = 0
        return data

    def _keep(self, data: bytes) -> None:
        """Keep what is no whole message or line yet."""
        if data:
            self._pieces.append(data)
            self._kept += len(data)
        if not self._wanted and self._kept > _LONGEST_LINE:
            raise ProtocolError

    def _hand_over(self, data: bytes, place: int) -> int:
        """Hand over the messages from `place` on. Returns where they end: at a line of another kind, or at what is not whole yet."""
        find, size, listeners = data.find, len(data), self._listeners
        while (end := find(_LINE_END, place)) >= 0:
            words = data[place:end].split(
                b" "
            )  # MSG subject sid [reply] size; HMSG subject sid [reply] size-of-headers size
            kind = words[0]
            start = end + 2
            if kind == b"MSG":
                body = start
            elif kind == b"HMSG":
                body = start + int(words[-2])
            else:
                break
            stop = start + int(words[-1])
            optional = len(words) - len(kind) - 1
            if stop + 2 > size or not (start <= body <= stop and 0 <= optional <= 1):
                self._wanted = _checked(start, body, stop, optional) + 2 - place
                break
            listener = listeners.get(words[2])
            if listener is not None:
                try:
                    reply = words[3].decode() if optional else ""
                    listener(made(Message, (words[1].decode(), reply, data[body:stop], data[start:body])))
                except Exception as error:  # noqa: BLE001 -- whatever a listener does, the next message is another's
                    self._on_error(error)
            place = stop + 2
        return place

    async def _other(self, line: bytes) -> None:
        """PING, PONG, INFO, +OK and -ERR: nats-py knows what to do."""
        await super().parse(line)
        if self.buf:
            raise ProtocolError


def _checked(start: int, body: int, stop: int, optional: int) -> int:
    """Where a message ends whose rest is still to come. Raises ValueError where its line is none that a server writes."""
    if not (start <= body <= stop <= start + _LARGEST and 0 <= optional <= 1):
        raise ValueError("malformed")
    return stop
