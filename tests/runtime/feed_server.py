"""A real HTTP server for tests, on raw sockets, so that it can send any bytes in any pieces and break off anywhere."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeAlias

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    headers: Mapping[str, str]


class Exchange:
    """One connection: what was asked, and the socket to answer on. `sent` counts the bytes that the socket took."""

    def __init__(self, request: Request, writer: asyncio.StreamWriter) -> None:
        self.request = request
        self.sent = 0
        self._writer = writer

    async def send(self, data: bytes, *, pieces: int = 0) -> None:
        """Write, and wait until the socket has taken it; in pieces of so many bytes, each in a segment of its own, if given."""
        for start in range(0, len(data), pieces or len(data) or 1):
            piece = data[start : start + pieces] if pieces else data
            self._writer.write(piece)
            await self._writer.drain()
            self.sent += len(piece)
            if pieces:
                await asyncio.sleep(0.001)

    async def start(self) -> None:
        await self.send(HEAD)

    async def frame(self, event: str, value: object) -> None:
        await self.send(frame(event, value))

    async def hang(self) -> None:
        """Say nothing more, and keep the connection open until the other side ends it."""
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()

    def reset(self) -> None:
        """Break off with a TCP reset."""
        made = self._writer.get_extra_info("socket")
        made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


Script: TypeAlias = Callable[[Exchange], Awaitable[None]]


def frame(event: str, value: object) -> bytes:
    return f"event: {event}\ndata: {json.dumps(value)}\n\n".encode()


def answer(raw: bytes) -> Script:
    async def script(exchange: Exchange) -> None:
        await exchange.send(raw)

    return script


def feed(*parts: bytes, hang: bool = False, pieces: int = 0) -> Script:
    """A proper head and these bytes; then the end, or silence."""

    async def script(exchange: Exchange) -> None:
        await exchange.start()
        for part in parts:
            await exchange.send(part, pieces=pieces)
        if hang:
            await exchange.hang()

    return script


NO_MORE = answer(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")


class FeedServer:
    """Answers each connection with the next script; when they are used up, with "no more" (204)."""

    def __init__(self, *scripts: Script, send_buffer: int = 0) -> None:
        self.scripts = list(scripts)
        self.exchanges: list[Exchange] = []
        self._send_buffer = send_buffer
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=65536)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_error: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/events"

    @property
    def requests(self) -> list[Request]:
        return [exchange.request for exchange in self.exchanges]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        if self._send_buffer:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self._send_buffer)
            writer.transport.set_write_buffer_limits(0)
        try:
            exchange = Exchange(await _request(reader), writer)
            self.exchanges.append(exchange)
            script = self.scripts.pop(0) if self.scripts else NO_MORE
            await script(exchange)
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            self._tasks.discard(task)
            writer.close()


async def _request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Request(method, target, headers)
