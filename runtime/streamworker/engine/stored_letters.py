"""The dead letters that a pipeline's stream keeps, for operators: read, sent back to the worker that failed, or discarded."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace

from streamworker import letters
from streamworker.delivery import Origin
from streamworker.errors import BrokerError, PublishRefused
from streamworker.jetstream.api import STREAM_NOT_FOUND, Api, answer_of
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.messages import Message
from streamworker.jetstream.scan import scan, sequence_of
from streamworker.jetstream.wire import MESSAGE_ID
from streamworker.letters import Letter
from streamworker.names import dead_letter_subject, redrive_subject
from streamworker.packing import fits, pack, unpack

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


class StoredLetters:
    """The stored letters of one pipeline. stream: the name of the stream that keeps them. All methods raise BrokerError or ConnectionLost
    where the server does not do as asked."""

    def __init__(self, connection: Connection, pipeline: str, stream: str) -> None:
        self._connection = connection
        self._api = Api(connection)
        self._pipeline = pipeline
        self._stream = stream

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
        if not fits(headers, data, max_payload=limit):
            raise PublishRefused(subject, 0, "too large to be sent back, with what has to be said of it")
        answer = await self._connection.requests.ask(subject, data, headers={**headers, MESSAGE_ID: id})
        answer_of(f"redrive to {letter.worker}", answer)
        await self.discard(stored)

    async def discard(self, stored: StoredLetter) -> None:
        """Remove a letter for good. One that somebody else removed first is gone as well."""
        for sequence in (stored.sequence, *stored.pieces):
            try:
                await self._api.delete_message(self._stream, sequence)
            except BrokerError:
                if await self._api.message(self._stream, sequence) is not None:
                    raise

    async def _letter_of(self, message: Message) -> StoredLetter | None:
        """None where it is none, or a piece of one."""
        sequence, headers = sequence_of(message), message.headers or {}
        if PIECE_HEADER in headers:
            return None
        try:
            pieces = tuple(int(each) for each in headers.get(PIECES_HEADER, "").split(",") if each)
            before = [await self._piece(each) for each in pieces]
            letter = letters.decode(*unpack(headers, b"".join([*before, message.data])))
            self._check_place(letter, message.subject)
        except ValueError as error:
            _log.warning("message %d of %s is no dead letter: %s", sequence, self._stream, error)
            return None
        return StoredLetter(sequence, await self._completed(letter), pieces)

    def _check_place(self, letter: Letter, subject: str) -> None:
        """Who may write letters of one worker can have nothing sent to another. Raises ValueError."""
        if subject != dead_letter_subject(self._pipeline, letter.worker):
            raise ValueError(f"it says that it is of {letter.worker}, and lies under {subject}")

    async def _piece(self, sequence: int) -> bytes:
        found = await self._api.message(self._stream, sequence)
        if found is None:
            raise ValueError(f"a piece of it, {sequence}, is gone")
        return found.data

    async def _completed(self, letter: Letter) -> Letter:
        """A letter of the server's with its event, which stands where it was first stored, as long as that stream keeps it."""
        if letter.reason != "advisory" or letter.subject:
            return letter
        event = await self._event(letter.origin)
        if event is None:
            return replace(letter, text=f"{letter.text}; the event itself is gone from its stream")
        return replace(letter, subject=event.subject, data=event.data, headers=event.headers or {})

    async def _event(self, origin: Origin) -> Message | None:
        try:
            if (await self._api.stream_info(origin.stream)).created != origin.created:
                return None
            return await self._api.message(origin.stream, origin.sequence)
        except BrokerError as error:
            if error.code == STREAM_NOT_FOUND:
                return None
            raise
