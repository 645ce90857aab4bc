"""Dead letters on their way into the stream that keeps them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from streamworker import letters
from streamworker.engine.stored_letters import PIECE_HEADER, PIECES_HEADER, StoredLetters
from streamworker.errors import BrokerError, PublishRefused, StreamworkerError
from streamworker.jetstream.api import STREAM_NOT_FOUND, StreamInfo
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.outbox import size_on_wire
from streamworker.jetstream.plan import covers
from streamworker.jetstream.publisher import Publisher
from streamworker.letters import Letter
from streamworker.names import dead_letter_subject
from streamworker.packing import fits, pack
from streamworker.sinks.base import Output, Stored

_PATIENCE = 2.0  # seconds until somebody looks why a letter is not stored


class DeadLetters(StoredLetters):
    """The dead letters of one pipeline, for who writes them. publisher: an open one."""

    def __init__(self, connection: Connection, publisher: Publisher, pipeline: str, stream: str) -> None:
        super().__init__(connection, pipeline, stream)
        self._publisher = publisher
        self._looking = asyncio.Lock()
        self._looked_at = float("-inf")
        self._seen: StreamInfo | None = None
        self._gone = False

    async def store(self, letter: Letter, id: str, /) -> None:
        """Keep a letter; returns once it is stored, however long that takes. Raises PublishRefused where it can't be: its stream is full,
        or gone."""
        subject, limit = dead_letter_subject(self._pipeline, letter.worker), self._connection.outbox.max_payload
        headers, data = pack(*letters.encode(letter), max_payload=limit)
        if not fits(headers, data, max_payload=limit):
            first, data = data[: len(data) // 2], data[len(data) // 2 :]
            stored = await self._publish(Output(subject, first, f"{id}.1", {PIECE_HEADER: id}))
            headers[PIECES_HEADER] = str(stored.sequence)
        await self._publish(Output(subject, data, id, headers))

    async def _publish(self, output: Output) -> Stored:
        answered: asyncio.Future[Stored | StreamworkerError] = asyncio.get_running_loop().create_future()
        self._publisher.publish(output, _answer(answered))
        while not answered.done():
            await asyncio.wait({answered}, timeout=_PATIENCE)
            if not answered.done() and (problem := await self._problem(output)) and answered.cancel():
                # Should it be stored after all: whoever writes it again does so with the same id.
                raise PublishRefused(output.subject, 0, problem)
        answer = answered.result()
        if isinstance(answer, StreamworkerError):
            raise answer
        return answer

    async def _problem(self, output: Output) -> str:
        """Why nothing will be stored before somebody mends it; empty where it may pass, or nobody can tell."""
        await self._look()
        info, stream = self._seen, f"the stream of dead letters, {self._stream},"
        if info is None:
            return f"{stream} is gone" if self._gone else ""
        if not any(covers(pattern, output.subject) for pattern in cast("list[str]", info.config.get("subjects") or [])):
            return f"{stream} does not store {output.subject} any more"
        limit = _reached(info, size_on_wire(output.data, output.headers, output.id))
        return f"{stream} is full: {limit}" if limit else ""

    async def _look(self) -> None:
        """See how the stream is: once for all letters that wait at the same time."""
        async with self._looking:
            if asyncio.get_running_loop().time() < self._looked_at + _PATIENCE:
                return
            try:
                self._seen, self._gone = await self._api.stream_info(self._stream), False
            except StreamworkerError as trouble:
                self._seen, self._gone = None, isinstance(trouble, BrokerError) and trouble.code == STREAM_NOT_FOUND
            self._looked_at = asyncio.get_running_loop().time()


def _reached(info: StreamInfo, size: int) -> str:
    """The limit of a stream that takes nothing above it, and no message of this size any more."""
    if info.config.get("discard") != "new":
        return ""
    held = {"max_msgs": info.messages + 1, "max_bytes": info.bytes + size}
    limits = {key: cast("int", info.config.get(key) or -1) for key in held}
    return ", ".join(f"{key} {limits[key]:,}" for key in held if 0 < limits[key] < held[key])


def _answer(future: asyncio.Future[Stored | StreamworkerError]) -> Callable[[Output, Stored | StreamworkerError], None]:
    def on_stored(_output: Output, answer: Stored | StreamworkerError) -> None:
        if not future.done():
            future.set_result(answer)

    return on_stored
