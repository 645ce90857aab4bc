"""A worker without a sink, bound wrongly."""

# ruff: noqa: E501 (each message stands whole above its line)

from __future__ import annotations

from streamworker.handler import Handle

from tests.typing.contract import Paid, Placed, Refused, Shipped, no_sink


# E: Argument 1 to "handler" of "WorkerSpec" has incompatible type "Callable[[Shipped], Coroutine[Any, Any, None]]"; expected "Callable[[Placed], Awaitable[None]]"  [arg-type]
@no_sink.handler
async def wrong_input(event: Shipped) -> None:
    print(event)


# E: Argument 1 to "handler" of "WorkerSpec" has incompatible type "Callable[[Placed], Coroutine[Any, Any, Paid]]"; expected "Callable[[Placed], Awaitable[None]]"  [arg-type]
@no_sink.handler
async def wrong_output(event: Placed) -> Paid:
    return Paid(order=event.order)


class OfRefused:
    def __call__(self, handle: Handle[Refused, None], /) -> Handle[Refused, None]:
        return handle


# E: Argument 1 to "with_middleware" of "WorkerSpec" has incompatible type "OfRefused"; expected "StreamMiddleware[Placed, None]"  [arg-type]
@no_sink.with_middleware(OfRefused()).handler
async def wrong_middleware(event: Placed) -> None:
    raise NotImplementedError


# E: Argument 1 to "with_errors" of "WorkerSpec" has incompatible type "type[KeyError]"; expected "type[ClassifyError]"  [arg-type]
@no_sink.with_errors(KeyError).handler
async def wrong_error(event: Placed) -> None:
    raise NotImplementedError
