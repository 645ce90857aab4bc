"""An ingest of a pipeline, as it is run: active in one process at a time, by a lease on the server."""

from __future__ import annotations

import asyncio

from streamworker.app.figures import IngestFigures, State
from streamworker.app.surroundings import Surroundings
from streamworker.engine.dead_letters import DeadLetters
from streamworker.ingest.run import IngestRunner
from streamworker.ingest.spec import IngestSpec, subjects_of
from streamworker.jetstream.buckets import KeyValue
from streamworker.names import durable, lease_bucket, redrive_stream, redrive_subject
from streamworker.sinks.encoded import EncodedSink
from streamworker.sources.jetstream import JetStreamSource
from streamworker.sources.redrive import RedriveSource, RedriveSubject


class IngestPart:
    """See `supervision.Part`, whose contract this is."""

    def __init__(self, spec: IngestSpec, around: Surroundings) -> None:
        self.name = spec.name
        self._spec = spec
        self._around = around
        self._runner = self._made()

    async def run(self, stop: asyncio.Event, /) -> None:
        if self._runner.health().condition != "starting":
            self._runner = self._made()  # anew: what failed to start was closed
        await self._runner.run(stop)

    async def drained(self) -> bool:
        return self._runner.drained

    def figures(self, _now: float, /) -> IngestFigures:
        books = self._runner.books
        return IngestFigures(
            name=self.name,
            state=self._state(),
            received=books.received,
            published=books.published,
            refused=books.refused,
            dropped=books.dropped,
            held=books.waiting,
        )

    def _state(self) -> State:
        health = self._runner.health()
        return State("working" if health.condition == "reading" else health.condition, health.detail)

    def _made(self) -> IngestRunner:
        pipeline, connection = self._around.pipeline, self._around.connection
        redrives = RedriveSubject(redrive_subject(pipeline.name, self.name))
        return IngestRunner(
            self._spec,
            EncodedSink(connection, subjects_of(self._spec)),
            DeadLetters(connection, self._around.publisher, pipeline.name, pipeline.dead_letters.name),
            bucket=KeyValue(connection, lease_bucket(pipeline.name)),
            redrives=RedriveSource(JetStreamSource(connection, redrives, stream=redrive_stream(pipeline.name))),
            durable=f"{durable(pipeline.name, self.name)}-redrive",
        )
