"""A worker of two sinks, bound wrongly."""

# ruff: noqa: E501 (each message stands whole above its line)

from __future__ import annotations

from streamworker.handler import Handle

from tests.typing.contract import Paid, Placed, Refused, Shipped, several_sinks


# E: Argument 1 to "handler" of "WorkerSpec" has incompatible type "Callable[[Paid], Coroutine[Any, Any, Shipped | Refused]]"; expected "Callable[[Placed], Awaitable[Shipped | Refused]]"  [arg-type]
@several_sinks.handler
async def wrong_input(event: Paid) -> Shipped | Refused:
    return Shipped(order=event.order)


# E: Argument 1 to "handler" of "WorkerSpec" has incompatible type "Callable[[Placed], Coroutine[Any, Any, Shipped | Refused | Paid]]"; expected "Callable[[Placed], Awaitable[Shipped | Refused]]"  [arg-type]
@several_sinks.handler
async def wrong_output(event: Placed) -> Shipped | Refused | Paid:
    return Paid(order=event.order)


# E: Argument 1 to "handler" of "WorkerSpec" has incompatible type "Callable[[Placed], Coroutine[Any, Any, Shipped | None]]"; expected "Callable[[Placed], Awaitable[Shipped | Refused]]"  [arg-type]
@several_sinks.handler
async def missing_output(event: Placed) -> Shipped | None:
    return None


class OfRefused:
    def __call__(self, handle: Handle[Refused, Shipped | Refused], /) -> Handle[Refused, Shipped | Refused]:
        return handle


# E: Argument 1 to "with_middleware" of "WorkerSpec" has incompatible type "OfRefused"; expected "StreamMiddleware[Placed, Shipped | Refused]"  [arg-type]
@several_sinks.with_middleware(OfRefused()).handler
async def wrong_middleware(event: Placed) -> Shipped | Refused:
    raise NotImplementedError


# E: Argument 1 to "with_errors" of "WorkerSpec" has incompatible type "type[KeyError]"; expected "type[ClassifyError]"  [arg-type]
@several_sinks.with_errors(KeyError).handler
async def wrong_error(event: Placed) -> Shipped | Refused:
    raise NotImplementedError
