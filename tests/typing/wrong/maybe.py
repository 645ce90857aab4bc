"""`emit: maybe`, bound wrongly."""

# ruff: noqa: E501 (each message stands whole above its line)

from __future__ import annotations

from streamworker.handler import Handle

from tests.typing.contract import Paid, Placed, Refused, Shipped, maybe


# E: Argument 1 to "handler" of "WorkerSpec" has incompatible type "Callable[[Shipped], Coroutine[Any, Any, Paid | None]]"; expected "Callable[[Placed], Awaitable[Paid | None]]"  [arg-type]
@maybe.handler
async def wrong_input(event: Shipped) -> Paid | None:
    return Paid(order=event.order)


# E: Argument 1 to "handler" of "WorkerSpec" has incompatible type "Callable[[Placed], Coroutine[Any, Any, Shipped | None]]"; expected "Callable[[Placed], Awaitable[Paid | None]]"  [arg-type]
@maybe.handler
async def wrong_output(event: Placed) -> Shipped | None:
    return Shipped(order=event.order)


# E: Argument 1 to "handler" of "WorkerSpec" has incompatible type "Callable[[Placed], Coroutine[Any, Any, list[Paid]]]"; expected "Callable[[Placed], Awaitable[Paid | None]]"  [arg-type]
@maybe.handler
async def several(event: Placed) -> list[Paid]:
    return [Paid(order=event.order)]


class OfRefused:
    def __call__(self, handle: Handle[Refused, Paid | None], /) -> Handle[Refused, Paid | None]:
        return handle


# E: Argument 1 to "with_middleware" of "WorkerSpec" has incompatible type "OfRefused"; expected "StreamMiddleware[Placed, Paid | None]"  [arg-type]
@maybe.with_middleware(OfRefused()).handler
async def wrong_middleware(event: Placed) -> Paid | None:
    raise NotImplementedError


# E: Argument 1 to "with_errors" of "WorkerSpec" has incompatible type "type[KeyError]"; expected "type[ClassifyError]"  [arg-type]
@maybe.with_errors(KeyError).handler
async def wrong_error(event: Placed) -> Paid | None:
    raise NotImplementedError
