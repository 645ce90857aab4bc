"""A worker of two source events, bound wrongly."""

# ruff: noqa: E501 (each message stands whole above its line)

from __future__ import annotations

from typing import assert_never

from streamworker.handler import Handle

from tests.typing.contract import Paid, Placed, Refused, Shipped, union_source


# E: Argument 1 to "handler" of "WorkerSpec" has incompatible type "Callable[[Placed], Coroutine[Any, Any, Shipped | None]]"; expected "Callable[[Placed | Paid], Awaitable[Shipped | None]]"  [arg-type]
@union_source.handler
async def wrong_input(event: Placed) -> Shipped | None:
    return Shipped(order=event.order)


# E: Argument 1 to "handler" of "WorkerSpec" has incompatible type "Callable[[Placed | Paid], Coroutine[Any, Any, Refused | None]]"; expected "Callable[[Placed | Paid], Awaitable[Shipped | None]]"  [arg-type]
@union_source.handler
async def wrong_output(event: Placed | Paid) -> Refused | None:
    return Refused(order=event.order)


@union_source.handler
async def forgets_one(event: Placed | Paid) -> Shipped | None:
    match event:
        case Placed():
            return Shipped(order=event.order)
        case _:
            # E: Argument 1 to "assert_never" has incompatible type "Paid"; expected "Never"  [arg-type]
            assert_never(event)


class OfRefused:
    def __call__(self, handle: Handle[Refused, Shipped | None], /) -> Handle[Refused, Shipped | None]:
        return handle


# E: Argument 1 to "with_middleware" of "WorkerSpec" has incompatible type "OfRefused"; expected "StreamMiddleware[Placed | Paid, Shipped | None]"  [arg-type]
@union_source.with_middleware(OfRefused()).handler
async def wrong_middleware(event: Placed | Paid) -> Shipped | None:
    raise NotImplementedError


# E: Argument 1 to "with_errors" of "WorkerSpec" has incompatible type "type[KeyError]"; expected "type[ClassifyError]"  [arg-type]
@union_source.with_errors(KeyError).handler
async def wrong_error(event: Placed | Paid) -> Shipped | None:
    raise NotImplementedError
