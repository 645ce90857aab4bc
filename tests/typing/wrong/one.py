"""`emit: one`, bound wrongly."""

# ruff: noqa: E501 (each message stands whole above its line)

from __future__ import annotations

from streamworker.handler import Handle

from tests.typing.contract import Paid, Placed, Refused, Shipped, one


# E: Argument 1 to "handler" of "WorkerSpec" has incompatible type "Callable[[Shipped], Coroutine[Any, Any, Paid]]"; expected "Callable[[Placed], Awaitable[Paid]]"  [arg-type]
@one.handler
async def wrong_input(event: Shipped) -> Paid:
    return Paid(order=event.order)


# E: Argument 1 to "handler" of "WorkerSpec" has incompatible type "Callable[[Placed], Coroutine[Any, Any, Shipped]]"; expected "Callable[[Placed], Awaitable[Paid]]"  [arg-type]
@one.handler
async def wrong_output(event: Placed) -> Shipped:
    return Shipped(order=event.order)


# E: Argument 1 to "handler" of "WorkerSpec" has incompatible type "Callable[[Placed], Coroutine[Any, Any, None]]"; expected "Callable[[Placed], Awaitable[Paid]]"  [arg-type]
@one.handler
async def missing_output(event: Placed) -> None:
    print(event)


# E: Argument 1 to "handler" of "WorkerSpec" has incompatible type "Callable[[Placed], Coroutine[Any, Any, Paid | None]]"; expected "Callable[[Placed], Awaitable[Paid]]"  [arg-type]
@one.handler
async def may_be_missing(event: Placed) -> Paid | None:
    return Paid(order=event.order) if event.order else None


# E: Argument 1 to "handler" of "WorkerSpec" has incompatible type "Callable[[Placed], Paid]"; expected "Callable[[Placed], Awaitable[Paid]]"  [arg-type]
@one.handler
def not_async(event: Placed) -> Paid:
    return Paid(order=event.order)


class OfRefused:
    def __call__(self, handle: Handle[Refused, Paid], /) -> Handle[Refused, Paid]:
        return handle


class NoMiddleware:
    pass


# E: Argument 1 to "with_middleware" of "WorkerSpec" has incompatible type "OfRefused"; expected "StreamMiddleware[Placed, Paid]"  [arg-type]
# N: def __call__(self, Callable[[Placed], Awaitable[Paid]], /) -> Callable[[Placed], Awaitable[Paid]]
# N: def __call__(self, Callable[[Refused], Awaitable[Paid]], /) -> Callable[[Refused], Awaitable[Paid]]
@one.with_middleware(OfRefused()).handler
async def wrong_middleware(event: Placed) -> Paid:
    return Paid(order=event.order)


# E: Argument 1 to "with_middleware" of "WorkerSpec" has incompatible type "NoMiddleware"; expected "StreamMiddleware[Placed, Paid]"  [arg-type]
@one.with_middleware(NoMiddleware()).handler
async def no_middleware(event: Placed) -> Paid:
    return Paid(order=event.order)


# E: Argument 1 to "with_errors" of "WorkerSpec" has incompatible type "type[KeyError]"; expected "type[ClassifyError]"  [arg-type]
@one.with_errors(KeyError).handler
async def wrong_error(event: Placed) -> Paid:
    return Paid(order=event.order)


# E: Dict entry 0 has incompatible type "type[KeyError]": "str"; expected "type[Exception]": "Retry | Ignore | DeadLetter | Stop"  [dict-item]
@one.classify({KeyError: "retry"}).handler
async def wrong_action(event: Placed) -> Paid:
    return Paid(order=event.order)


# E: Dict entry 0 has incompatible type "str": "str"; expected "type[Exception]": "Retry | Ignore | DeadLetter | Stop"  [dict-item]
@one.classify({"KeyError": "retry"}).handler
async def wrong_class(event: Placed) -> Paid:
    return Paid(order=event.order)
