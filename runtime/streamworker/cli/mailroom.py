"""The dead letters of a project's pipeline, opened for an operator."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from streamworker.app.environment import filled_in
from streamworker.app.load import load_pipeline
from streamworker.app.place import Place
from streamworker.cli.letter_filter import LetterFilter
from streamworker.cli.reached import reached
from streamworker.engine.routing import Router
from streamworker.engine.stored_letters import StoredLetter, StoredLetters
from streamworker.errors import BrokerError, ConfigurationError, ContractViolation, UnmappedEvent
from streamworker.ingest.spec import SseSpec
from streamworker.ingest.translation import Translation, frame_of
from streamworker.jetstream.api import STREAM_NOT_FOUND, Api
from streamworker.jetstream.connection import Connection
from streamworker.letters import Letter
from streamworker.pipeline import Pipeline


@dataclass(frozen=True)
class Mailroom:
    """The letters of one pipeline. last: the sequence of the last one there was: what comes back meanwhile is not handled twice."""

    pipeline: Pipeline
    letters: StoredLetters
    last: int

    async def letter(self, sequence: int) -> StoredLetter:
        """Raises ConfigurationError where there is none."""
        if (found := await self.letters.get(sequence)) is not None:
            return found
        hint = "`streamworker dlq list` shows those that there are"
        raise ConfigurationError(f"there is no dead letter {sequence}", hint=hint)

    async def those(self, wanted: LetterFilter, *, after: int = 0) -> AsyncGenerator[StoredLetter, None]:
        """All that the filter accepts, from the one after `after` on."""
        now = datetime.now(UTC)
        async with aclosing(self.letters.all(worker=wanted.worker or "*", after=after)) as letters:
            async for each in letters:
                if each.sequence > self.last:
                    return
                if wanted.accepts(each.letter, now):
                    yield each

    def none(self, wanted: LetterFilter) -> str:
        """What to say where no letter is as wanted. A worker that is no more may have letters; one that never was is a slip."""
        parts = [each.spec.name for each in self.pipeline.workers] + [each.name for each in self.pipeline.ingests]
        if wanted.worker and wanted.worker not in parts:
            return f"no dead letters of {wanted.worker}; the parts of {self.pipeline.name} are {', '.join(parts)}"
        return "no dead letters" if wanted.means_all else "no dead letters are like that"

    def objection(self, letter: Letter) -> str:
        """Why a letter would not fare better if it were sent back now; empty where it may."""
        worker = next((each.spec for each in self.pipeline.workers if each.spec.name == letter.worker), None)
        ingest = next((each for each in self.pipeline.ingests if each.name == letter.worker), None)
        if worker is None and ingest is None:
            return f"{self.pipeline.name} has no worker or ingest {letter.worker} that it could go back to"
        try:
            if letter.reason == "advisory" and not letter.subject:
                return "its event is gone"
            if worker is not None and not any(subject.matches(letter.subject) for subject in worker.source):
                return f"{letter.worker} takes no {letter.subject} any more"
            if worker is not None:
                Router(worker.source).decode(letter.subject, letter.data)
            elif isinstance(ingest, SseSpec):
                self._translate(ingest, letter)
        except (ContractViolation, UnmappedEvent) as refusal:
            return f"today's contract refuses it as well: {refusal}"
        except KeyError as missing:
            return f"it is no letter of a feed: it has no header {missing}"
        return ""

    def _translate(self, ingest: SseSpec, letter: Letter) -> None:
        """Raises ContractViolation, UnmappedEvent or KeyError. An ingest whose variables are not set here finds out by itself."""
        try:
            filled = filled_in(replace(self.pipeline, http=(), ingests=(ingest,)), os.environ).ingests[0]
        except ConfigurationError:
            return
        if isinstance(filled, SseSpec):
            Translation(filled).output(*frame_of(letter.headers, letter.origin, letter.data))


@asynccontextmanager
async def mailroom(place: Place) -> AsyncIterator[Mailroom]:
    """Raises ConfigurationError, EmbeddedServerError, or ConnectionLost where no server is there within 5 seconds."""
    pipeline = load_pipeline(place.project)
    async with AsyncExitStack() as stack:
        connection = await stack.enter_async_context(reached(place))
        stream = pipeline.dead_letters.name
        letters = StoredLetters(connection, pipeline.name, stream)
        yield Mailroom(pipeline, letters, await _last(connection, stream))


async def _last(connection: Connection, stream: str) -> int:
    try:
        return (await Api(connection).stream_info(stream)).last
    except BrokerError as error:
        if error.code != STREAM_NOT_FOUND:
            raise
        raise ConfigurationError(
            f"there is no stream {stream} on {connection.url}", hint="the pipeline makes it when it first runs there"
        ) from None
