"""The simple case: a function, a source and a sink are a worker."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from streamworker.engine.worker import StreamWorker
from streamworker.sinks.base import EventSink
from streamworker.sources.base import EventSource

In = TypeVar("In")
Out = TypeVar("Out")


def stream_worker(
    *, source: EventSource[In], sink: EventSink[Out] | None = None
) -> Callable[[Callable[[In], Awaitable[Out | Sequence[Out] | None]]], StreamWorker[In, Out]]:
    """Make an async function a worker: `await worker.run(shutdown)` runs it, calling it calls the function.

    Its durable is the function's name; the builder methods of `StreamWorker` set the rest.
    """

    def make(function: Callable[[In], Awaitable[Out | Sequence[Out] | None]]) -> StreamWorker[In, Out]:
        return StreamWorker(source, sink, function)

    return make
