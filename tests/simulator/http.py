"""As much HTTP/1.1 as the simulator needs: requests with a body, answers with a length, and bodies that go on and on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

LIMIT = 1 << 20  # bytes of a request's body


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Response:
    """length: what the header says, where that is not the truth."""

    status: int = 200
    body: bytes = b""
    type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None


class Dropped(Exception):
    """The connection is to end here, and not in order."""


class Chunks:
    """A body of unknown length, written as it comes."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    async def write(self, data: bytes) -> None:
        """Returns when the reader has room for more. Raises ConnectionError when it has gone."""
        self._writer.write(b"%x\r\n%b\r\n" % (len(data), data))
        await self._writer.drain()

    async def finish(self) -> None:
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()


@dataclass(frozen=True)
class Streaming:
    """An answer that `write` writes; it ends in order when that returns."""

    type: str
    write: Callable[[Chunks], Coroutine[None, None, None]]


Answer: TypeAlias = Response | Streaming
Route: TypeAlias = Callable[[Request], Awaitable[Answer]]


class HttpServer:
    """Answers with what `route` says. Listens when entered; `port` is then the one that it got."""

    def __init__(self, route: Route, host: str, port: int) -> None:
        self._route = route
        self._host = host
        self.port = port
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, self._host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _read_request(reader)) is not None:
                answer = await self._route(request)
                if isinstance(answer, Streaming):
                    await self._stream(reader, writer, answer)
                    break
                writer.write(_head(answer) + answer.body)
                await writer.drain()
                if answer.length is not None:
                    break
        except (ConnectionError, Dropped, asyncio.IncompleteReadError, ValueError):
            return  # gone, or not HTTP: either way there is nobody to answer
        finally:
            writer.close()

    async def _stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Streaming) -> None:
        headers = {"cache-control": "no-store", "connection": "close", "transfer-encoding": "chunked"}
        writer.write(_head(Response(type=answer.type, headers=headers)))
        chunks = Chunks(writer)
        await _while_there(reader, answer.write(chunks))
        await chunks.finish()


async def _while_there(reader: asyncio.StreamReader, work: Coroutine[None, None, None]) -> None:
    """Do the work; ConnectionResetError soon after the other side has hung up."""
    task = asyncio.create_task(work)
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=0.1)
            if reader.at_eof() and not task.done():
                raise ConnectionResetError
        task.result()
    finally:
        task.cancel()


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request, None when there is none. Raises ValueError for what is not HTTP, IncompleteReadError for half of it."""
    first = await reader.readline()
    if not first.strip():
        return None
    method, target, _version = first.decode("ascii").split()
    headers: dict[str, str] = {}
    while line := (await reader.readline()).decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    length = int(headers.get("content-length", "0"))
    if length > LIMIT:
        raise ValueError("a request larger than any that mirakc takes")
    url = urlsplit(target)
    return Request(method, unquote(url.path), dict(parse_qsl(url.query)), headers, await reader.readexactly(length))


def _head(answer: Response) -> bytes:
    headers = dict(answer.headers)
    if "transfer-encoding" not in headers:
        headers["content-length"] = str(len(answer.body) if answer.length is None else answer.length)
    if answer.type:
        headers["content-type"] = answer.type
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n{lines}\r\n".encode("latin-1")
