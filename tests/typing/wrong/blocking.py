"""Plain functions, bound wrongly."""

# ruff: noqa: E501 (each message stands whole above its line)

from __future__ import annotations

from streamworker.handler import Handle

from tests.typing.contract import Paid, Placed, Refused, Shipped, many, maybe, no_sink, one, union_source


# E: Argument 1 to "blocking" of "WorkerSpec" has incompatible type "Callable[[Shipped], Paid]"; expected "Callable[[Placed], Paid]"  [arg-type]
@one.blocking
def wrong_input(event: Shipped) -> Paid:
    return Paid(order=event.order)


# E: Argument 1 to "blocking" of "WorkerSpec" has incompatible type "Callable[[Placed], Shipped]"; expected "Callable[[Placed], Paid]"  [arg-type]
@one.blocking
def wrong_output(event: Placed) -> Shipped:
    return Shipped(order=event.order)


# E: Argument 1 to "blocking" of "WorkerSpec" has incompatible type "Callable[[Placed], Paid | None]"; expected "Callable[[Placed], Paid]"  [arg-type]
@one.blocking
def missing_output(event: Placed) -> Paid | None:
    return None


# E: Argument 1 to "blocking" of "WorkerSpec" has incompatible type "Callable[[Placed], Coroutine[Any, Any, Paid | None]]"; expected "Callable[[Placed], Paid | None]"  [arg-type]
@maybe.blocking
async def not_plain(event: Placed) -> Paid | None:
    return None


# E: Argument 1 to "blocking" of "WorkerSpec" has incompatible type "Callable[[Placed], Coroutine[Any, Any, None]]"; expected "Callable[[Placed], None]"  [arg-type]
@no_sink.blocking
async def not_plain_either(event: Placed) -> None:
    print(event)


# E: Argument 1 to "blocking" of "WorkerSpec" has incompatible type "Callable[[Placed], Paid]"; expected "Callable[[Placed], Sequence[Paid]]"  [arg-type]
@many.blocking
def only_one(event: Placed) -> Paid:
    return Paid(order=event.order)


# E: Argument 1 to "blocking" of "WorkerSpec" has incompatible type "Callable[[Paid], Shipped | None]"; expected "Callable[[Placed | Paid], Shipped | None]"  [arg-type]
@union_source.blocking
def half_of_the_input(event: Paid) -> Shipped | None:
    return None


class OfRefused:
    def __call__(self, handle: Handle[Refused, Paid], /) -> Handle[Refused, Paid]:
        return handle


# E: Argument 1 to "with_middleware" of "WorkerSpec" has incompatible type "OfRefused"; expected "StreamMiddleware[Placed, Paid]"  [arg-type]
@one.with_middleware(OfRefused()).blocking
def wrong_middleware(event: Placed) -> Paid:
    return Paid(order=event.order)


# E: Argument 1 to "with_errors" of "WorkerSpec" has incompatible type "type[KeyError]"; expected "type[ClassifyError]"  [arg-type]
@one.with_errors(KeyError).blocking
def wrong_error(event: Placed) -> Paid:
    return Paid(order=event.order)
