"""The dead letters of a pipeline: kept in a stream, read, sent back to the worker that failed, or discarded."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from streamworker import letters
from streamworker.errors import StreamworkerError
from streamworker.jetstream.api import Api
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.messages import Message
from streamworker.jetstream.publisher import Publisher
from streamworker.jetstream.scan import scan, sequence_of
from streamworker.letters import Letter
from streamworker.names import dead_letter_subject, redrive_subject
from streamworker.packing import fits, pack, unpack
from streamworker.sinks.base import Output, Stored

_log = logging.getLogger("streamworker.dead_letters")


PIECES_HEADER = "Streamworker-Pieces"
"""Of a letter that is too large for one message even so: the sequences of the messages that hold the beginning of its body."""
PIECE_HEADER = "Streamworker-Piece"
"""Marks such a message."""


@dataclass(frozen=True)
class StoredLetter:
    """A letter and its sequence in the stream of dead letters, which names it for an operator. pieces: sequences that belong to it."""

    sequence: int
    letter: Letter
    pieces: tuple[int, ...] = ()


class DeadLetters:
    """The dead letters of one pipeline; stores for workers, and answers operators.

    stream: the name of the stream that keeps them. publisher: an open one.
    """

    def __init__(self, connection: Connection, publisher: Publisher, pipeline: str, stream: str) -> None:
        self._connection = connection
        self._publisher = publisher
        self._api = Api(connection)
        self._pipeline = pipeline
        self._stream = stream

    async def store(self, letter: Letter, id: str, /) -> None:
        """Keep a letter; returns once it is stored, however long that takes. Raises PublishRefused where it never can be."""
        subject, limit = dead_letter_subject(self._pipeline, letter.worker), self._connection.outbox.max_payload
        headers, data = pack(*letters.encode(letter), max_payload=limit)
        if not fits(headers, data, max_payload=limit):
            first, data = data[: len(data) // 2], data[len(data) // 2 :]
            stored = await self._publish(Output(subject, first, f"{id}.1", {PIECE_HEADER: id}))
            headers[PIECES_HEADER] = str(stored.sequence)
        await self._publish(Output(subject, data, id, headers))

    async def all(self, *, worker: str = "*", after: int = 0) -> AsyncGenerator[StoredLetter, None]:
        """The letters of a worker, or of all, in order, from the sequence after `after` on. What is no letter is logged and left alone."""
        subject = dead_letter_subject(self._pipeline, worker)
        async with aclosing(scan(self._connection, self._stream, subject, start=after + 1)) as messages:
            async for message in messages:
                if (found := await self._letter_of(message)) is not None:
                    yield found

    async def get(self, sequence: int) -> StoredLetter | None:
        """The letter at a sequence; None where there is none (any more)."""
        async with aclosing(self.all(after=sequence - 1)) as following:
            async for found in following:
                return found if found.sequence == sequence else None
        return None

    async def redrive(self, stored: StoredLetter) -> None:
        """Send a letter back to its worker, alone. It leaves the dead letters once it is on its way: an interrupt between the two
        leaves it in both places, and redriving it again changes nothing, since its id is the same. Raises PublishRefused where it is too
        large for that."""
        letter = stored.letter
        id = f"{letter.origin.stream}.{letter.origin.created:x}.{letter.origin.sequence}.{letter.redriven}"
        subject = redrive_subject(self._pipeline, letter.worker)
        limit = self._connection.outbox.max_payload
        headers, data = pack(letters.redrive_headers(letter), letter.data, max_payload=limit)
        await self._publish(Output(subject, data, id, headers))
        await self.discard(stored)

    async def discard(self, stored: StoredLetter) -> None:
        """Remove a letter for good."""
        for sequence in (stored.sequence, *stored.pieces):
            await self._api.delete_message(self._stream, sequence)

    async def _letter_of(self, message: Message) -> StoredLetter | None:
        """None where it is none, or a piece of one."""
        sequence, headers = sequence_of(message), message.headers or {}
        if PIECE_HEADER in headers:
            return None
        try:
            pieces = _sequences(headers.get(PIECES_HEADER, ""))
            before = [await self._piece(each) for each in pieces]
            letter = letters.decode(*unpack(headers, b"".join([*before, message.data])))
        except ValueError as error:
            _log.warning("message %d of %s is no dead letter: %s", sequence, self._stream, error)
            return None
        return StoredLetter(sequence, letter, pieces)

    async def _piece(self, sequence: int) -> bytes:
        found = await self._api.message(self._stream, sequence)
        if found is None:
            raise ValueError(f"a piece of it, {sequence}, is gone")
        return found.data

    async def _publish(self, output: Output) -> Stored:
        answered: asyncio.Future[Stored | StreamworkerError] = asyncio.get_running_loop().create_future()
        self._publisher.publish(output, _answer(answered))
        answer = await answered
        if isinstance(answer, StreamworkerError):
            raise answer
        return answer


def _sequences(text: str) -> tuple[int, ...]:
    return tuple(int(each) for each in text.split(",") if each)


def _answer(future: asyncio.Future[Stored | StreamworkerError]) -> Callable[[Output, Stored | StreamworkerError], None]:
    def on_stored(_output: Output, answer: Stored | StreamworkerError) -> None:
        if not future.done():
            future.set_result(answer)

    return on_stored
