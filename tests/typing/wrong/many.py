"""`emit: many`, bound wrongly."""

# ruff: noqa: E501 (each message stands whole above its line)

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from streamworker.handler import Handle

from tests.typing.contract import Paid, Placed, Refused, Shipped, many


# E: Argument 1 to "handler" of "WorkerSpec" has incompatible type "Callable[[Shipped], Coroutine[Any, Any, Sequence[Paid]]]"; expected "Callable[[Placed], Awaitable[Sequence[Paid]]]"  [arg-type]
@many.handler
async def wrong_input(event: Shipped) -> Sequence[Paid]:
    return [Paid(order=event.order)]


# E: Argument 1 to "handler" of "WorkerSpec" has incompatible type "Callable[[Placed], Coroutine[Any, Any, list[Shipped]]]"; expected "Callable[[Placed], Awaitable[Sequence[Paid]]]"  [arg-type]
@many.handler
async def wrong_output(event: Placed) -> list[Shipped]:
    return [Shipped(order=event.order)]


# E: Argument 1 to "handler" of "WorkerSpec" has incompatible type "Callable[[Placed], Coroutine[Any, Any, Paid]]"; expected "Callable[[Placed], Awaitable[Sequence[Paid]]]"  [arg-type]
@many.handler
async def only_one(event: Placed) -> Paid:
    return Paid(order=event.order)


# E: Argument 1 to "handler" of "WorkerSpec" has incompatible type "Callable[[Placed], Coroutine[Any, Any, list[Paid] | None]]"; expected "Callable[[Placed], Awaitable[Sequence[Paid]]]"  [arg-type]
@many.handler
async def missing_output(event: Placed) -> list[Paid] | None:
    return None


# E: Argument 1 to "handler" of "WorkerSpec" has incompatible type "Callable[[Placed], AsyncIterator[Paid]]"; expected "Callable[[Placed], Awaitable[Sequence[Paid]]]"  [arg-type]
@many.handler
async def yields(event: Placed) -> AsyncIterator[Paid]:
    yield Paid(order=event.order)


class OfRefused:
    def __call__(self, handle: Handle[Refused, Sequence[Paid]], /) -> Handle[Refused, Sequence[Paid]]:
        return handle


# E: Argument 1 to "with_middleware" of "WorkerSpec" has incompatible type "OfRefused"; expected "StreamMiddleware[Placed, Sequence[Paid]]"  [arg-type]
@many.with_middleware(OfRefused()).handler
async def wrong_middleware(event: Placed) -> Sequence[Paid]:
    raise NotImplementedError


# E: Argument 1 to "with_errors" of "WorkerSpec" has incompatible type "type[KeyError]"; expected "type[ClassifyError]"  [arg-type]
@many.with_errors(KeyError).handler
async def wrong_error(event: Placed) -> Sequence[Paid]:
    raise NotImplementedError
