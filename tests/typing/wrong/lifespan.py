"""Objects with dependencies, bound wrongly."""

# ruff: noqa: E501 (each message stands whole above its line)

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from streamworker.handler import Handle, StreamHandler
from streamworker.resources import Resources

from tests.typing.contract import Paid, Placed, Refused, Shipped, maybe, no_sink, one, union_source


class OfShipped(StreamHandler[Shipped, Paid]):
    async def handle(self, event: Shipped, /) -> Paid:
        return Paid(order=event.order)


class ToShipped(StreamHandler[Placed, Shipped]):
    async def handle(self, event: Placed, /) -> Shipped:
        return Shipped(order=event.order)


class ToNothing(StreamHandler[Placed, None]):
    async def handle(self, event: Placed, /) -> None:
        print(event)


class ToPaid(StreamHandler[Placed, Paid]):
    async def handle(self, event: Placed, /) -> Paid:
        return Paid(order=event.order)


class NotItsWord(StreamHandler[Placed, Paid]):
    # E: Return type "Coroutine[Any, Any, Refused]" of "handle" incompatible with return type "Coroutine[Any, Any, Paid]" in supertype "streamworker.handler.StreamHandler"  [override]
    # E: Argument 1 of "handle" is incompatible with supertype "streamworker.handler.StreamHandler"; supertype defines the argument type as "Placed"  [override]
    async def handle(self, event: Shipped, /) -> Refused:
        return Refused(order=event.order)


class Unfinished(StreamHandler[Placed, Paid]):
    pass


# Annotated with its two types, as the docstring of `lifespan` says, both are named.
# E: Argument 1 to "lifespan" of "WorkerSpec" has incompatible type "Callable[[Resources], _AsyncGeneratorContextManager[StreamHandler[Shipped, Paid], None]]"; expected "Callable[[Resources], AbstractAsyncContextManager[StreamHandler[Placed, Paid], bool | None]]"  [arg-type]
@one.lifespan
@asynccontextmanager
async def written_for_another_event(resources: Resources) -> AsyncGenerator[StreamHandler[Shipped, Paid]]:
    yield OfShipped()


@one.lifespan
@asynccontextmanager
async def yields_another_handler(resources: Resources) -> AsyncGenerator[StreamHandler[Placed, Paid]]:
    # E: Incompatible types in "yield" (actual type "OfShipped", expected type "StreamHandler[Placed, Paid]")  [misc]
    # N: def handle(self, Placed, /) -> Coroutine[Any, Any, Paid]
    # N: def handle(self, Shipped, /) -> Coroutine[Any, Any, Paid]
    yield OfShipped()


# Annotated with a class of its own, that class is named.
# E: Argument 1 to "lifespan" of "WorkerSpec" has incompatible type "Callable[[Resources], _AsyncGeneratorContextManager[OfShipped, None]]"; expected "Callable[[Resources], AbstractAsyncContextManager[StreamHandler[Placed, Paid], bool | None]]"  [arg-type]
@one.lifespan
@asynccontextmanager
async def wrong_input(resources: Resources) -> AsyncIterator[OfShipped]:
    yield OfShipped()


# E: Argument 1 to "lifespan" of "WorkerSpec" has incompatible type "Callable[[Resources], _AsyncGeneratorContextManager[ToShipped, None]]"; expected "Callable[[Resources], AbstractAsyncContextManager[StreamHandler[Placed, Paid], bool | None]]"  [arg-type]
@one.lifespan
@asynccontextmanager
async def wrong_output(resources: Resources) -> AsyncIterator[ToShipped]:
    yield ToShipped()


# E: Argument 1 to "lifespan" of "WorkerSpec" has incompatible type "Callable[[Resources], _AsyncGeneratorContextManager[ToNothing, None]]"; expected "Callable[[Resources], AbstractAsyncContextManager[StreamHandler[Placed, Paid], bool | None]]"  [arg-type]
@one.lifespan
@asynccontextmanager
async def missing_output(resources: Resources) -> AsyncIterator[ToNothing]:
    yield ToNothing()


# E: Argument 1 to "lifespan" of "WorkerSpec" has incompatible type "Callable[[Resources], _AsyncGeneratorContextManager[ToPaid, None]]"; expected "Callable[[Resources], AbstractAsyncContextManager[StreamHandler[Placed, None], bool | None]]"  [arg-type]
@no_sink.lifespan
@asynccontextmanager
async def an_output_too_many(resources: Resources) -> AsyncIterator[ToPaid]:
    yield ToPaid()


# E: Argument 1 to "lifespan" of "WorkerSpec" has incompatible type "Callable[[Resources], _AsyncGeneratorContextManager[ToShipped, None]]"; expected "Callable[[Resources], AbstractAsyncContextManager[StreamHandler[Placed | Paid, Shipped | None], bool | None]]"  [arg-type]
@union_source.lifespan
@asynccontextmanager
async def half_of_the_input(resources: Resources) -> AsyncIterator[ToShipped]:
    yield ToShipped()


# E: Argument 1 to "lifespan" of "WorkerSpec" has incompatible type "Callable[[Resources], AsyncIterator[ToPaid]]"; expected "Callable[[Resources], AbstractAsyncContextManager[StreamHandler[Placed, Paid], bool | None]]"  [arg-type]
@one.lifespan
async def no_context_manager(resources: Resources) -> AsyncIterator[ToPaid]:
    yield ToPaid()


# E: Argument 1 to "lifespan" of "WorkerSpec" has incompatible type "Callable[[], _AsyncGeneratorContextManager[ToPaid, None]]"; expected "Callable[[Resources], AbstractAsyncContextManager[StreamHandler[Placed, Paid], bool | None]]"  [arg-type]
@one.lifespan
@asynccontextmanager
async def takes_no_resources() -> AsyncIterator[ToPaid]:
    yield ToPaid()


@one.lifespan
@asynccontextmanager
async def unfinished(resources: Resources) -> AsyncIterator[Unfinished]:
    # E: Cannot instantiate abstract class "Unfinished" with abstract attribute "handle"  [abstract]
    yield Unfinished()


class OfRefused:
    def __call__(self, handle: Handle[Refused, Paid], /) -> Handle[Refused, Paid]:
        return handle


# E: Argument 1 to "with_middleware" of "WorkerSpec" has incompatible type "OfRefused"; expected "StreamMiddleware[Placed, Paid]"  [arg-type]
@one.with_middleware(OfRefused()).lifespan
@asynccontextmanager
async def wrong_middleware(resources: Resources) -> AsyncIterator[ToPaid]:
    yield ToPaid()


# E: Argument 1 to "with_errors" of "WorkerSpec" has incompatible type "type[Exception]"; expected "type[ClassifyError]"  [arg-type]
@maybe.with_errors(Exception).lifespan
@asynccontextmanager
async def wrong_error(resources: Resources) -> AsyncIterator[ToPaid]:
    yield ToPaid()
