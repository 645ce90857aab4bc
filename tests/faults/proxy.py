"""A TCP proxy before a nats-server that misbehaves as it is told: cuts, stalls, swallows, delays, and picks single protocol frames."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

Direction: TypeAlias = Literal["up", "down"]
_CHUNK = 65536
_WITH_PAYLOAD = (b"PUB", b"HPUB", b"MSG", b"HMSG")


@dataclass(frozen=True)
class Frame:
    """One operation of the NATS client protocol, as it stands on the wire."""

    line: bytes
    whole: bytes

    @property
    def verb(self) -> str:
        return self.line.split(b" ", 1)[0].decode()

    @property
    def subject(self) -> str:
        tokens = self.line.split()
        return tokens[1].decode() if len(tokens) > 1 else ""


class Frames:
    """Cuts a stream of bytes into frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n")) >= 0:
            line = bytes(self._buffer[:end])
            size = end + 2
            if line.split(b" ", 1)[0].upper() in _WITH_PAYLOAD:
                size += int(line.rsplit(b" ", 1)[1]) + 2
            if len(self._buffer) < size:
                return
            yield Frame(line, bytes(self._buffer[:size]))
            del self._buffer[:size]


Hold: TypeAlias = Callable[[Direction, Frame], float]
"""For how many seconds a frame is held back while others pass; 0: not at all, infinite: dropped."""


def pass_all(_direction: Direction, _frame: Frame) -> float:
    return 0.0


class Proxy:
    """Forwards connections of 127.0.0.1 to the server at `url`.

    What may be set at any time: `hold`, see there; `swallowed`, directions in which nothing arrives; `delay`, seconds that each chunk waits;
    `lives`, how many bytes a connection made from now on carries before it is cut, between two bounds. What was swallowed is gone: such a
    connection has to be cut before it is of use again.
    """

    def __init__(self, url: str, seed: int = 0) -> None:
        target = urlsplit(url)
        self._host, self._port = target.hostname or "127.0.0.1", target.port or 4222
        self._random = random.Random(seed)
        self._server: asyncio.Server | None = None
        self._links: set[_Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self.url = ""
        self.hold: Hold = pass_all
        self.swallowed: frozenset[Direction] = frozenset()
        self.delay = 0.0
        self.lives: tuple[int, int] | None = None
        self.cuts = 0

    async def __aenter__(self) -> Proxy:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"nats://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        self._flowing.set()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def stall(self) -> None:
        """Connections stay open, and nothing moves, in either direction."""
        self._flowing.clear()

    def flow(self) -> None:
        self._flowing.set()

    def cut(self) -> None:
        """Reset all connections."""
        for link in tuple(self._links):
            link.reset()

    def heal(self) -> None:
        """Behave, on fresh connections."""
        self.hold, self.swallowed, self.delay, self.lives = pass_all, frozenset(), 0.0, None
        self.flow()
        self.cut()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            upstream = await asyncio.open_connection(self._host, self._port)
        except OSError:
            writer.close()
            return
        link = _Link(writer, upstream[1], self._random.randint(*self.lives) if self.lives else None)
        self._links.add(link)
        pumps = [
            asyncio.create_task(self._pump("up", reader, upstream[1], link)),
            asyncio.create_task(self._pump("down", upstream[0], writer, link)),
        ]
        self._tasks.update(pumps)
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        link.reset()
        self._links.discard(link)
        for pump in pumps:
            pump.cancel()
            self._tasks.discard(pump)

    async def _pump(
        self, direction: Direction, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: _Link
    ) -> None:
        frames = Frames()
        try:
            while data := await reader.read(_CHUNK):
                if self.delay:
                    await asyncio.sleep(self.delay)
                await self._flowing.wait()
                if link.left is not None:
                    data = data[: link.left]
                    link.left -= len(data)
                for frame in frames.feed(data) if link.left is None else (Frame(b"", data),):
                    self._forward(direction, frame, writer)
                await writer.drain()
                if link.left == 0:
                    self.cuts += 1
                    return
        except OSError:
            return

    def _forward(self, direction: Direction, frame: Frame, writer: asyncio.StreamWriter) -> None:
        seconds = self.hold(direction, frame)
        if direction in self.swallowed or seconds == inf:
            return
        if seconds:
            asyncio.get_running_loop().call_later(seconds, _write, writer, frame.whole)
        else:
            _write(writer, frame.whole)


class _Link:
    """A connection of a client and ours to the server. left: bytes until it is cut; None is no bound."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter, left: int | None) -> None:
        self._ends = (client, server)
        self.left = left

    def reset(self) -> None:
        client = self._ends[0].get_extra_info("socket")
        if client is not None and client.fileno() >= 0:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        for end in self._ends:
            end.transport.abort()


def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
    if not writer.transport.is_closing():
        writer.write(data)
