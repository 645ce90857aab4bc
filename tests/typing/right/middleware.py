"""Middleware, errors and classification: each gives a spec again, and they chain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_type

from streamworker import DeadLetter, Ignore, Logged, Retry, Stop, StreamError, Timeout, current
from streamworker.actions import ErrorAction
from streamworker.handler import Handle, In, Item, Ret, StreamMiddleware
from streamworker.spec import WorkerSpec

from tests.typing.contract import Paid, Placed, Shipped, batch, maybe, one, union_source


class Counted:
    """For any worker: its call is generic."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, handle: Handle[In, Ret], /) -> Handle[In, Ret]:
        async def counted(event: In) -> Ret:
            self.count += 1
            current().on_published(lambda: print(self.count))
            return await handle(event)

        return counted


def traced(handle: Handle[In, Ret], /) -> Handle[In, Ret]:
    """A function is a middleware, too."""
    return handle


class OnlyBig:
    """For workers of certain events: it may look into them."""

    def __call__(self, handle: Handle[Placed, Paid | None], /) -> Handle[Placed, Paid | None]:
        async def only_big(event: Placed) -> Paid | None:
            return await handle(event) if len(event.order) > 3 else None

        return only_big


class Declared(StreamMiddleware[Placed | Paid, Shipped | None]):
    """With the protocol as its base."""

    def __call__(self, handle: Handle[Placed | Paid, Shipped | None], /) -> Handle[Placed | Paid, Shipped | None]:
        return handle


class TillClosed(StreamError):
    error_action = Retry(after=60)


class Spoiled(StreamError):
    def __init__(self, order: str, *, again: bool) -> None:
        super().__init__(order)
        self.error_action = Retry() if again else DeadLetter()


class Computed(StreamError):
    @property
    def error_action(self) -> ErrorAction:
        return Retry() if self.args else Stop()


class Lenient(StreamError):
    error_action: ErrorAction = Ignore()


class SaysMore(Lenient):
    """A class attribute that is declared as any action may become another one."""

    error_action = DeadLetter()


class SaysItself(Exception):
    """An error of a library of the user's own: no base class of ours."""

    @property
    def error_action(self) -> ErrorAction:
        return Retry() if self.args else Ignore()


@maybe.with_middleware(Logged(), Timeout(30), Counted(), traced, OnlyBig()).handler
async def pay(event: Placed) -> Paid | None:
    raise Spoiled(event.order, again=False)


@one.with_errors(StreamError, TillClosed, Spoiled, Computed, Lenient, SaysMore, SaysItself).blocking
def pay_slowly(event: Placed) -> Paid:
    raise TillClosed(event.order)


@union_source.classify({TimeoutError: Retry(), KeyError: Ignore(), OSError: Stop()}).with_middleware(Declared()).handler
async def ship(event: Placed | Paid) -> Shipped | None:
    return Shipped(order=event.order)


@batch.with_middleware(Logged()).with_errors(TillClosed).classify({ValueError: DeadLetter()}).handler
async def pay_all(items: Sequence[Item[Placed, Paid | None]]) -> None:
    for item in items:
        item.failed(TillClosed(item.event.order))


assert_type(maybe.with_middleware(Logged()), WorkerSpec[Placed, Paid | None])
assert_type(maybe.with_errors(TillClosed).classify({}), WorkerSpec[Placed, Paid | None])
