"""The child process in which a worker's suspects are tried: `python -m streamworker.app.trial PROJECT WORKER DESCRIPTOR`.

It has the worker's handler and resources and everything on the server that the worker has, but takes its deliveries from its parent.
"""

from __future__ import annotations

import asyncio
import logging
import os
import select
import sys
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from streamworker.app.contracts import contract_of
from streamworker.app.environment import filled_in
from streamworker.app.load import load_pipeline
from streamworker.app.logs import SafeFormatter
from streamworker.app.selection import selected
from streamworker.app.server import connected
from streamworker.engine.assembly import assemble
from streamworker.engine.standing import standing
from streamworker.engine.suspects import ChildTrial
from streamworker.engine.worker import StreamWorker
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.options import ConnectionOptions
from streamworker.jetstream.publisher import Publisher
from streamworker.pipeline import Pipeline
from streamworker.resources import Resources
from streamworker.resources.live import LiveBackend
from streamworker.sinks.jetstream import JetStreamSink
from streamworker.sources.pipe import PipeSource
from streamworker.spec import BoundWorker

_SLACK = 15.0  # seconds beyond a handler's timeout: to start, to publish, to write a dead letter


def trial_of(bound: BoundWorker, project: Path, connection: Connection, variables: Mapping[str, str]) -> ChildTrial:
    """Where the suspects of one worker are tried; a process is started when there is one."""
    command = [sys.executable, "-P", "-m", "streamworker.app.trial", str(project.resolve()), bound.spec.name]
    return ChildTrial(
        command,
        environment={**variables, "NATS_URL": connection.options.url},
        timeout=bound.spec.options.timeout + _SLACK,
        together=bound.spec.options.concurrency,
        log=logging.getLogger(f"streamworker.{bound.spec.name}"),
    )


def main() -> None:
    project, name, descriptor = sys.argv[1:]
    threading.Thread(target=_end_with, args=(int(descriptor),), daemon=True).start()
    handler = logging.StreamHandler()
    handler.setFormatter(SafeFormatter("%(asctime)s %(levelname)-7s %(name)s (child): %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    pipeline = filled_in(selected(load_pipeline(Path(project)), [name]), os.environ)
    (bound,) = pipeline.workers
    asyncio.run(_serve(pipeline, bound, int(descriptor)))


def _end_with(parent: int) -> None:
    """End when the parent's end of the socket is closed: the event loop would not notice while it waits for a server, or a handler blocks."""
    watched = select.poll()
    watched.register(parent, 0)  # a hang-up is always told
    watched.poll()
    os._exit(0)


async def _serve(pipeline: Pipeline, bound: BoundWorker, descriptor: int) -> None:
    """Handle what the parent hands over, until it closes the socket or is gone."""
    source = PipeSource(descriptor, bound.spec.source)
    async with connected(ConnectionOptions.from_environment(os.environ)) as connection:
        publisher = Publisher(connection)
        await publisher.open()
        resources = Resources(LiveBackend(connection, publisher, os.environ))
        try:
            await _worker(pipeline, bound, source, connection, resources).run(source.ended)
        finally:
            await resources.close()
            await publisher.close()


def _worker(
    pipeline: Pipeline, bound: BoundWorker, source: PipeSource, connection: Connection, resources: Resources
) -> StreamWorker[object, object]:
    spec = bound.spec
    alone = replace(spec, options=replace(spec.options, order_by=None, grace=1.0))
    return assemble(
        replace(bound, spec=alone),
        pipeline=pipeline.name,
        source=source,
        sink=JetStreamSink(connection, *spec.sink) if spec.sink else None,
        resources=resources,
        backing=lambda: standing(
            connection,
            pipeline=pipeline.name,
            worker=spec.name,
            contract=contract_of(spec.source),
            dead_letters=pipeline.dead_letters.name,
            consumers=(),
            in_child=True,
        ),
        admits=False,
    )


if __name__ == "__main__":
    main()
