"""StreamWorker: a source, a handler and a sink, put together by hand or from a generated spec, and run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Generic, Self, TypeAlias, TypeVar, cast

from streamworker.actions import ErrorAction
from streamworker.engine.backing import Backing
from streamworker.engine.classification import Classification
from streamworker.engine.engine import Engine
from streamworker.engine.handmade import handmade, hold_connections
from streamworker.engine.journal import default_journals
from streamworker.engine.life import Sink
from streamworker.engine.parts import Plan
from streamworker.engine.stats import WorkerStats
from streamworker.engine.suspects import Trial
from streamworker.errors import ClassifyError
from streamworker.handler import StreamHandler, StreamMiddleware
from streamworker.middleware import chain
from streamworker.options import Emit, WorkerOptions
from streamworker.sinks.base import EventSink
from streamworker.sources.base import EventSource, SourceHealth
from streamworker.spec import AnyHandle

In = TypeVar("In")
Out = TypeVar("Out")

OpenHandle: TypeAlias = Callable[[], AbstractAsyncContextManager[AnyHandle]]
OpenBacking: TypeAlias = Callable[[], AbstractAsyncContextManager[Backing]]


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What the builder methods of a StreamWorker set."""

    pipeline: str
    worker: str
    durable: str
    emit: Emit = "maybe"
    options: WorkerOptions = field(default_factory=WorkerOptions)
    middleware: tuple[StreamMiddleware[object, object], ...] = ()
    classification: Classification = field(default_factory=Classification)
    backing: OpenBacking | None = None
    journals: Path | None = field(default_factory=default_journals)
    trial: Trial | None = None
    admits: bool = True


class StreamWorker(Generic[In, Out]):
    """Takes events from a source, handles them, publishes what the handler returns to a sink, and settles each delivery once.

    handler: an async function, or a StreamHandler; it returns an event, several, or None. sink: None where it returns none.
    The builder methods return a new worker. Calling a worker calls its handler: that is what a unit test does.
    """

    def __init__(
        self,
        source: EventSource[In],
        sink: EventSink[Out] | None,
        handler: Callable[[In], Awaitable[Out | Sequence[Out] | None]] | StreamHandler[In, Out | Sequence[Out] | None],
    ) -> None:
        handle = handler.handle if isinstance(handler, StreamHandler) else handler
        name = getattr(handler, "__name__", type(handler).__name__).replace("_", "-")
        self._source = source
        self._sink = sink
        self._handle: Callable[[In], Awaitable[Out | Sequence[Out] | None]] | None = handle
        self._opens: OpenHandle = _opened(handle)
        self._setup = Setup(pipeline="", worker=name, durable=name)
        self._engine: Engine | None = None
        self.stats = WorkerStats()

    @classmethod
    def assembled(
        cls, source: EventSource[In], sink: EventSink[Out] | None, opens: OpenHandle, setup: Setup
    ) -> StreamWorker[In, Out]:
        """A worker whose handler is opened when it runs."""
        made = object.__new__(cls)
        made._source = source
        made._sink = sink
        made._handle = None
        made._opens = opens
        made._setup = setup
        made._engine = None
        made.stats = WorkerStats()
        return made

    async def __call__(self, event: In, /) -> Out | Sequence[Out] | None:
        if self._handle is None:
            raise TypeError("this worker's handler is opened when it runs; call the handler itself")
        return await self._handle(event)

    @property
    def name(self) -> str:
        """The worker's name; by default the handler's."""
        return self._setup.worker

    def durable(self, name: str) -> Self:
        """The name of its consumer, which outlives the process, and of the worker; by default the handler's."""
        return self._with(durable=name, worker=name)

    def in_pipeline(self, name: str) -> Self:
        """The pipeline that it belongs to: part of its outputs' ids; by default the durable."""
        return self._with(pipeline=name)

    def with_options(self, options: WorkerOptions) -> Self:
        """How it runs."""
        return self._with(options=options)

    def with_middleware(self, *middleware: StreamMiddleware[In, Out | Sequence[Out] | None]) -> Self:
        """These around the handler, inside those that it has; the first is outermost."""
        # The engine handles events of any type; that these fit this worker's is what this signature says.
        more = cast("tuple[StreamMiddleware[object, object], ...]", middleware)
        return self._with(middleware=(*self._setup.middleware, *more))

    def with_errors(self, *errors: type[ClassifyError]) -> Self:
        """The errors whose own word counts; by default everyone's."""
        known = self._setup.classification
        return self._with(classification=replace(known, errors=(*(known.errors or ()), *errors)))

    def classify(self, classes: Mapping[type[Exception], ErrorAction], /) -> Self:
        """Actions for exceptions of others."""
        known = self._setup.classification
        return self._with(classification=replace(known, classes={**known.classes, **classes}))

    def backed_by(self, backing: OpenBacking) -> Self:
        """What outlives the process behind it: ledger and dead letters. By default they are kept on the source's server, under the
        pipeline's name; for a source that can't deliver again, in this process's memory."""
        return self._with(backing=backing)

    async def run(self, shutdown: asyncio.Event) -> None:
        """Work until `shutdown` is set, then finish in order: see docs/guarantees.md. Cancelled, it gives back what it holds.

        Raises WorkerStopped where an error wanted the stop; ResourceConflict, BrokerError or ConnectionLost where it can't start.
        """
        setup = self._setup
        pipeline = setup.pipeline or setup.durable
        async with AsyncExitStack() as stack:
            await hold_connections(stack, self._source, self._sink)
            partitions = setup.options.partitions
            backing = setup.backing() if setup.backing else handmade(self._source, pipeline, setup.worker, partitions)
            handle = await stack.enter_async_context(self._opens())
            if self._sink is not None:
                await self._sink.open()
                stack.push_async_callback(self._sink.close)
            plan = Plan(
                pipeline=pipeline,
                worker=setup.worker,
                durable=setup.durable,
                source=self._source,
                sink=cast("Sink | None", self._sink),  # of any events: outputs are routed by their class
                handle=chain(handle, setup.middleware),
                emit=setup.emit,
                options=setup.options,
                classification=setup.classification,
                backing=await stack.enter_async_context(backing),
                journals=setup.journals / pipeline if setup.journals else None,
                trial=setup.trial,
                admits=setup.admits,
            )
            self._engine = Engine(plan, self.stats)
            await self._engine.run(shutdown)

    async def drained(self) -> bool:
        """Whether all that its source stores was handed out, and all of that settled. False before it runs."""
        return self._engine is not None and await self._engine.drained()

    def health(self) -> Sequence[SourceHealth]:
        """The health of its open sources; empty before it runs."""
        return self._engine.health() if self._engine is not None else ()

    @property
    def engine(self) -> Engine | None:
        """The engine at work, for displays and watchdogs; None before it runs."""
        return self._engine

    def _with(self, **changes: object) -> Self:
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__)
        made._setup = replace(self._setup, **changes)  # type: ignore[arg-type]  # each builder method passes fields of Setup
        made.stats = WorkerStats()
        return made


def _opened(handle: AnyHandle) -> OpenHandle:
    @asynccontextmanager
    async def open_handle() -> AsyncIterator[AnyHandle]:
        yield handle

    return open_handle
