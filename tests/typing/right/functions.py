"""Functions, async and plain, of every shape of worker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never, assert_type

from tests.typing.contract import (
    Paid,
    Placed,
    Refused,
    Shipped,
    many,
    maybe,
    no_sink,
    one,
    several_sinks,
    union_source,
)


@one.handler
async def pay(event: Placed) -> Paid:
    return Paid(order=event.order)


@maybe.handler
async def may_pay(event: Placed) -> Paid | None:
    return Paid(order=event.order) if event.order else None


@maybe.handler
async def always_pays(event: Placed) -> Paid:
    """One that always has an output may stand where it need not."""
    return Paid(order=event.order)


@maybe.handler
async def never_pays(event: Placed) -> None:
    print(event)


@many.handler
async def pay_twice(event: Placed) -> list[Paid]:
    return [Paid(order=event.order), Paid(order=event.order)]


@many.handler
async def pay_so_often(event: Placed) -> tuple[Paid, ...]:
    return (Paid(order=event.order),) * len(event.order)


@no_sink.handler
async def look(event: Placed) -> None:
    print(event)


@union_source.handler
async def ship(event: Placed | Paid) -> Shipped | None:
    match event:
        case Placed():
            return None
        case Paid(order=order):
            return Shipped(order=order)
        case _:
            assert_never(event)


@union_source.handler
async def ship_anything(event: Placed | Paid | Refused) -> Shipped | None:
    """One that takes more than its source carries will do."""
    return Shipped(order=event.order)


@several_sinks.handler
async def decide(event: Placed) -> Shipped | Refused:
    return Shipped(order=event.order) if event.order else Refused(order=event.order)


@several_sinks.handler
async def always_refuse(event: Placed) -> Refused:
    return Refused(order=event.order)


@one.blocking
def pay_slowly(event: Placed) -> Paid:
    return Paid(order=event.order)


@many.blocking
def pay_slowly_twice(event: Placed) -> Sequence[Paid]:
    return [pay_slowly(event), pay_slowly(event)]


@no_sink.blocking
def look_slowly(event: Placed) -> None:
    print(event)


@union_source.blocking
def ship_slowly(event: Placed | Paid) -> Shipped | None:
    return Shipped(order=event.order)


async def handlers_stay_functions() -> None:
    assert_type(await pay(Placed(order="1")), Paid)
    assert_type(await may_pay(Placed(order="1")), Paid | None)
    assert_type(pay_slowly(Placed(order="1")), Paid)
    assert_type(await decide(Placed(order="1")), Shipped | Refused)
