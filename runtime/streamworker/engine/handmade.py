"""What a worker that was put together by hand stands on: its connections, and a backing on its source's server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from streamworker.engine.backing import Backing, in_memory
from streamworker.engine.groundwork import foundations
from streamworker.engine.standing import standing
from streamworker.jetstream.api import Api
from streamworker.jetstream.plan import wanted_stream
from streamworker.jetstream.provision import provision
from streamworker.names import dead_letter_stream, dead_letter_subject, worker_consumers
from streamworker.resources import Stream
from streamworker.sinks.jetstream import JetStreamSink
from streamworker.sources.base import EventSource
from streamworker.sources.jetstream import JetStreamSource

_KEPT = 30 * 86_400.0


async def hold_connections(stack: AsyncExitStack, *edges: object) -> None:
    """Keep the connections of sources and sinks open as long as `stack` is."""
    for edge in edges:
        if isinstance(edge, JetStreamSource | JetStreamSink):
            await stack.enter_async_context(edge.connection.held())


@asynccontextmanager
async def handmade(
    source: EventSource[object], pipeline: str, worker: str, partitions: int | None
) -> AsyncIterator[Backing]:
    """On JetStream: ledger, dead letters (kept for 30 days in `<PIPELINE>_DEAD_LETTERS`) and redrives, made where they are missing.
    A source that can't deliver again what a process lost needs no more than the process's memory."""
    if not isinstance(source, JetStreamSource):
        async with in_memory() as backing:
            yield backing
        return
    letters = Stream(
        name=dead_letter_stream(pipeline),
        subjects=(dead_letter_subject(pipeline, "*"),),
        max_age=_KEPT,
    )
    await provision(Api(source.connection), [wanted_stream(letters, pipeline), *foundations(pipeline, replicas=1)])
    contract = ",".join(sorted(subject.name for subject in source.subjects))
    async with standing(
        source.connection,
        pipeline=pipeline,
        worker=worker,
        contract=contract,
        dead_letters=letters.name,
        consumers=worker_consumers(worker, partitions),
    ) as backing:
        yield backing
