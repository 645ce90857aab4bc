"""From a bound spec to a worker that runs: what a pipeline is made of."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path

from streamworker.engine.classification import Classification
from streamworker.engine.suspects import Trial
from streamworker.engine.threads import in_threads
from streamworker.engine.worker import OpenBacking, Setup, StreamWorker
from streamworker.names import durable
from streamworker.resources import Resources
from streamworker.sinks.base import EventSink
from streamworker.sources.base import EventSource
from streamworker.spec import AnyHandle, BoundWorker


def assemble(
    bound: BoundWorker,
    *,
    pipeline: str,
    source: EventSource[object],
    sink: EventSink[object] | None,
    resources: Resources,
    backing: OpenBacking,
    journals: Path | None = None,
    trial: Trial | None = None,
    admits: bool = True,
) -> StreamWorker[object, object]:
    """The worker of a pipeline that `bound` describes, on a source and sink that carry its subjects.

    journals: a folder for the journals of this machine. trial: where suspects are tried. admits: see `Plan`.
    """
    spec = bound.spec
    setup = Setup(
        pipeline=pipeline,
        worker=spec.name,
        durable=durable(pipeline, spec.name),
        emit=spec.emit,
        options=spec.options,
        middleware=spec.middleware,
        classification=Classification(spec.errors, spec.classes),
        backing=backing,
        journals=journals,
        trial=trial,
        admits=admits,
    )
    return StreamWorker.assembled(source, sink, lambda: _open(bound, resources), setup)


def _open(bound: BoundWorker, resources: Resources) -> AbstractAsyncContextManager[AnyHandle]:
    if bound.opens is not None:
        return bound.opens(resources)
    options = bound.spec.options
    return in_threads(bound.target, options.concurrency, bound.spec.name, options.timeout)
