"""The source of a child process: suspects that its parent hands it over a socket. The settlement goes back the same way."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from collections.abc import Mapping, Sequence
from typing import Any

from streamworker.delivery import Incoming, Origin
from streamworker.sources.base import ConsumerOptions, Receiver, SourceHealth
from streamworker.subject import Decodes

_LINE = 64 * 1024 * 1024


class PipeSource:
    """Deliveries that a parent writes to the socket. `ended` is set when the parent closes it, or dies."""

    def __init__(self, descriptor: int, subjects: Sequence[Decodes[object]]) -> None:
        self._descriptor = descriptor
        self._subjects = subjects
        self._task: asyncio.Task[None] | None = None
        self._writer: asyncio.StreamWriter | None = None
        self.ended = asyncio.Event()

    @property
    def subjects(self) -> Sequence[Decodes[object]]:
        return self._subjects

    async def open(self, receiver: Receiver, _options: ConsumerOptions) -> PipeSource:
        reader, self._writer = await asyncio.open_connection(sock=socket.socket(fileno=self._descriptor), limit=_LINE)
        self._task = asyncio.create_task(self._read(reader, receiver))
        return self

    def ack(self, incoming: Incoming, /) -> None:
        self._say(incoming, verb="ack")

    def nak(self, incoming: Incoming, delay: float, /) -> None:
        self._say(incoming, verb="nak", delay=delay)

    def term(self, incoming: Incoming, reason: str, /) -> None:
        self._say(incoming, verb="term", reason=reason)

    def in_progress(self, _incoming: Incoming, /) -> None:
        """The parent tells the server by itself."""

    @property
    def identity(self) -> str:
        return ""

    async def origins(self, _replies: Sequence[str], /) -> Mapping[str, Origin]:
        raise NotImplementedError("nothing is left here by a dead process")

    def handed_out(self, _reply: str, /) -> int:
        raise NotImplementedError("nobody takes over from this process")

    async def outstanding(self) -> int:
        return 1

    def give_back(self, _replies: Sequence[str], /) -> None:
        """Nothing is left here by a dead process."""

    def wake(self) -> None:
        """The parent waits for no demand: it hands over no more than can be handled at once."""

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def written(self) -> None:
        await self.settled()

    async def settled(self) -> None:
        if self._writer is not None and not self._writer.is_closing():
            await self._writer.drain()

    async def close(self) -> None:
        if self._writer is not None:
            self._writer.close()

    async def drained(self) -> bool:
        return False

    def health(self) -> SourceHealth:
        return SourceHealth(connected=not self.ended.is_set())

    async def _read(self, reader: asyncio.StreamReader, receiver: Receiver) -> None:
        while line := await reader.readline():
            receiver.receive(self._incoming(json.loads(line)))
        self.ended.set()

    def _incoming(self, told: dict[str, Any]) -> Incoming:  # JSON
        incoming = Incoming(
            told["subject"], base64.b64decode(told["data"]), told["headers"], Origin(*told["origin"]), self
        )
        incoming.reply = str(told["number"])
        incoming.attempt = told["attempt"]
        incoming.redriven = told["redriven"]
        incoming.stored = frozenset(told["stored"])
        return incoming

    def _say(self, incoming: Incoming, **word: object) -> None:
        if self._writer is not None:
            self._writer.write(json.dumps({"number": int(incoming.reply), **word}).encode() + b"\n")
