"""A worker of batches, bound wrongly."""

# ruff: noqa: E501 (each message stands whole above its line)

from __future__ import annotations

from collections.abc import Sequence

from streamworker.handler import Handle, Item

from tests.typing.contract import Paid, Placed, Shipped, batch, batch_of_one


# E: Argument 1 to "handler" of "WorkerSpec" has incompatible type "Callable[[Placed], Coroutine[Any, Any, None]]"; expected "Callable[[Sequence[Item[Placed, Paid | None]]], Awaitable[None]]"  [arg-type]
@batch.handler
async def not_a_batch(event: Placed) -> None:
    print(event)


# E: Argument 1 to "handler" of "WorkerSpec" has incompatible type "Callable[[Sequence[Item[Shipped, Paid | None]]], Coroutine[Any, Any, None]]"; expected "Callable[[Sequence[Item[Placed, Paid | None]]], Awaitable[None]]"  [arg-type]
@batch.handler
async def wrong_input(items: Sequence[Item[Shipped, Paid | None]]) -> None:
    print(items)


# E: Argument 1 to "handler" of "WorkerSpec" has incompatible type "Callable[[Sequence[Item[Placed, Shipped | None]]], Coroutine[Any, Any, None]]"; expected "Callable[[Sequence[Item[Placed, Paid | None]]], Awaitable[None]]"  [arg-type]
@batch.handler
async def wrong_output(items: Sequence[Item[Placed, Shipped | None]]) -> None:
    print(items)


# E: Argument 1 to "handler" of "WorkerSpec" has incompatible type "Callable[[Sequence[Item[Placed, Paid | None]]], Coroutine[Any, Any, None]]"; expected "Callable[[Sequence[Item[Placed, Paid]]], Awaitable[None]]"  [arg-type]
@batch_of_one.handler
async def missing_output(items: Sequence[Item[Placed, Paid | None]]) -> None:
    for item in items:
        item.done(None)


@batch_of_one.handler
async def says_no_output(items: Sequence[Item[Placed, Paid]]) -> None:
    for item in items:
        # E: Argument 1 to "done" of "Item" has incompatible type "None"; expected "Paid"  [arg-type]
        item.done(None)


# E: Argument 1 to "handler" of "WorkerSpec" has incompatible type "Callable[[Sequence[Item[Placed, Paid | None]]], Coroutine[Any, Any, list[Paid]]]"; expected "Callable[[Sequence[Item[Placed, Paid | None]]], Awaitable[None]]"  [arg-type]
@batch.handler
async def returns(items: Sequence[Item[Placed, Paid | None]]) -> list[Paid]:
    return [Paid(order=item.event.order) for item in items]


# E: Argument 1 to "blocking" of "WorkerSpec" has incompatible type "Callable[[Sequence[Item[Placed, Shipped]]], None]"; expected "Callable[[Sequence[Item[Placed, Paid | None]]], None]"  [arg-type]
@batch.blocking
def blocking_wrong_output(items: Sequence[Item[Placed, Shipped]]) -> None:
    print(items)


@batch.handler
async def says_the_wrong_output(items: Sequence[Item[Placed, Paid | None]]) -> None:
    for item in items:
        # E: Argument 1 to "done" of "Item" has incompatible type "Shipped"; expected "Paid | None"  [arg-type]
        item.done(Shipped(order=item.event.order))


class OfOneEvent:
    def __call__(self, handle: Handle[Placed, Paid | None], /) -> Handle[Placed, Paid | None]:
        return handle


# E: Argument 1 to "with_middleware" of "WorkerSpec" has incompatible type "OfOneEvent"; expected "StreamMiddleware[Sequence[Item[Placed, Paid | None]], None]"  [arg-type]
# N: def __call__(self, Callable[[Sequence[Item[Placed, Paid | None]]], Awaitable[None]], /) -> Callable[[Sequence[Item[Placed, Paid | None]]], Awaitable[None]]
# N: def __call__(self, Callable[[Placed], Awaitable[Paid | None]], /) -> Callable[[Placed], Awaitable[Paid | None]]
@batch.with_middleware(OfOneEvent()).handler
async def wrong_middleware(items: Sequence[Item[Placed, Paid | None]]) -> None:
    print(items)


# E: Argument 1 to "with_errors" of "WorkerSpec" has incompatible type "type[KeyError]"; expected "type[ClassifyError]"  [arg-type]
@batch.with_errors(KeyError).handler
async def wrong_error(items: Sequence[Item[Placed, Paid | None]]) -> None:
    raise NotImplementedError
