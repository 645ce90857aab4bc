"""Handlers that are objects with dependencies, opened with their worker."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from streamworker.handler import Item, StreamHandler
from streamworker.resources import Resources

from tests.typing.contract import Paid, Placed, Shipped, batch, maybe, no_sink, one, union_source


class Till(Protocol):
    async def take(self, order: str) -> bool: ...


class MemoryTill:
    async def take(self, order: str) -> bool:
        return bool(order)


class Payer(StreamHandler[Placed, Paid | None]):
    def __init__(self, till: Till) -> None:
        self._till = till

    async def handle(self, event: Placed, /) -> Paid | None:
        return Paid(order=event.order) if await self._till.take(event.order) else None


class NamesItsEvent(StreamHandler[Placed | Paid, Shipped]):
    """A handler's event may be given by name, too."""

    async def handle(self, event: Placed | Paid) -> Shipped:
        return Shipped(order=event.order)


class Looker:
    """Of the right shape, without the base class."""

    async def handle(self, event: object, /) -> None:
        print(event)


class BatchPayer(StreamHandler[Sequence[Item[Placed, Paid | None]], None]):
    async def handle(self, event: Sequence[Item[Placed, Paid | None]], /) -> None:
        for item in event:
            item.done(Paid(order=item.event.order))


@maybe.lifespan
@asynccontextmanager
async def open_payer(resources: Resources) -> AsyncGenerator[Payer]:
    yield Payer(MemoryTill())


@union_source.lifespan
@asynccontextmanager
async def open_shipper(resources: Resources) -> AsyncGenerator[NamesItsEvent]:
    yield NamesItsEvent()


@one.lifespan
@asynccontextmanager
async def open_always(resources: Resources) -> AsyncGenerator[StreamHandler[Placed, Paid]]:
    yield AlwaysPays()


class AlwaysPays(StreamHandler[Placed, Paid]):
    async def handle(self, event: Placed, /) -> Paid:
        return Paid(order=event.order)


@no_sink.lifespan
@asynccontextmanager
async def open_looker(resources: Resources) -> AsyncGenerator[Looker]:
    yield Looker()


@batch.lifespan
@asynccontextmanager
async def open_batch_payer(resources: Resources) -> AsyncGenerator[BatchPayer]:
    yield BatchPayer()


async def a_unit_test_just_calls_it() -> Paid | None:
    return await Payer(MemoryTill()).handle(Placed(order="1"))
