"""Batches: the handler says of each item what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_type

from streamworker.handler import Item

from tests.typing.contract import Paid, Placed, batch, batch_of_one


@batch.handler
async def pay_all(items: Sequence[Item[Placed, Paid | None]]) -> None:
    for item in items:
        assert_type(item.event, Placed)
        if item.event.order:
            item.done(Paid(order=item.event.order))
        else:
            item.failed(ValueError("no order"))
        item.done(None)


@batch.handler
async def says_less(items: Sequence[Item[Placed, Paid]]) -> None:
    """A handler that only ever says one kind of output asks for less than it is given."""
    for item in items:
        item.done(Paid(order=item.event.order))


@batch_of_one.handler
async def pay_every_one(items: Sequence[Item[Placed, Paid]]) -> None:
    for item in items:
        item.done(Paid(order=item.event.order))


@batch.blocking
def pay_all_slowly(items: Sequence[Item[Placed, Paid | None]]) -> None:
    for item in items:
        item.done(Paid(order=item.event.order))


async def a_unit_test_makes_its_own_items() -> None:
    items = [Item[Placed, Paid | None](Placed(order="1"))]
    await pay_all(items)
    assert items[0].outcome == (Paid(order="1"),)
