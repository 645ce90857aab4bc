"""A worker of a pipeline, as it is run: its StreamWorker on JetStream, with its resources and what outlives the process."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from streamworker.app.contracts import contract_of
from streamworker.app.figures import WorkerFigures
from streamworker.app.health import Pulse, Work
from streamworker.app.surroundings import Surroundings
from streamworker.app.trial import trial_of
from streamworker.engine.assembly import assemble
from streamworker.engine.backing import Backing
from streamworker.engine.consumers import consumers_of_worker
from streamworker.engine.standing import standing
from streamworker.engine.worker import StreamWorker
from streamworker.resources import Resources
from streamworker.resources.live import LiveBackend
from streamworker.sinks.jetstream import JetStreamSink
from streamworker.sources.jetstream import JetStreamSource
from streamworker.spec import BoundWorker


class WorkerPart:
    """See `supervision.Part`, whose contract this is."""

    def __init__(self, bound: BoundWorker, around: Surroundings) -> None:
        self.name = bound.spec.name
        self.ack_wait = bound.spec.options.ack_wait
        self._bound = bound
        self._around = around
        self._pulse = Pulse(bound.spec.options)
        self._resources = Resources(LiveBackend(around.connection, around.publisher, around.variables))
        self._worker = self._assembled()

    async def run(self, stop: asyncio.Event, /) -> None:
        self._worker = self._assembled()  # anew each time: what failed to start was closed
        try:
            await self._worker.run(stop)
        finally:
            await self._resources.close()

    async def drained(self) -> bool:
        return await self._worker.drained()

    def figures(self, now: float, /) -> WorkerFigures:
        stats, engine = self._worker.stats, self._worker.engine
        work = Work(
            settled=stats.settled,
            held=engine.held if engine else 0,
            published=stats.published,
            unconfirmed=engine.unconfirmed if engine else 0,
            sources=self._worker.health(),
        )
        return WorkerFigures(
            name=self.name,
            state=self._pulse.state(now, work),
            received=stats.received,
            redelivered=stats.redelivered,
            published=stats.published,
            duplicates=stats.duplicates,
            acked=stats.acked,
            ignored=stats.ignored,
            retried=stats.retried,
            dead_lettered=stats.dead_lettered,
            given_back=stats.given_back,
            abandoned=stats.abandoned,
            held=work.held,
            backlog=work.backlog,
            p99=stats.latency(0.99),
        )

    def running(self) -> Sequence[str]:
        """What its handlers work on now, for people."""
        engine = self._worker.engine
        origins = engine.running() if engine is not None else ()
        return [f"{self.name} {origin.stream} {origin.sequence}" for origin in origins]

    def runs_in(self, task: asyncio.Task[object]) -> bool:
        """Whether one of its handlers runs in this task."""
        engine = self._worker.engine
        return engine is not None and engine.runs_in(task)

    def clear_all_but(self, task: asyncio.Task[object]) -> None:
        """The process is to end for what runs in `task`: nothing else that it works on is a suspect."""
        if (engine := self._worker.engine) is not None:
            engine.clear_all_but(task)

    def _assembled(self) -> StreamWorker[object, object]:
        spec, connection = self._bound.spec, self._around.connection
        return assemble(
            self._bound,
            pipeline=self._around.pipeline.name,
            source=JetStreamSource(connection, *spec.source),
            sink=JetStreamSink(connection, *spec.sink) if spec.sink else None,
            resources=self._resources,
            backing=self._backing,
            journals=self._around.project / ".streamworker" / "journals",
            trial=trial_of(self._bound, self._around.project, connection, self._around.variables),
        )

    def _backing(self) -> AbstractAsyncContextManager[Backing]:
        pipeline = self._around.pipeline
        return standing(
            self._around.connection,
            pipeline=pipeline.name,
            worker=self.name,
            contract=contract_of(self._bound.spec.source),
            dead_letters=pipeline.dead_letters.name,
            consumers=consumers_of_worker(pipeline, self._bound.spec),
        )
