"""audit."""

from __future__ import annotations

from typing import assert_never

from generated.events import OrderPaid, OrderPlaced, Tick
from generated.workers import audit


@audit.handler
async def handle(event: OrderPaid | OrderPlaced | Tick) -> None:
    match event:
        case OrderPaid():
            raise NotImplementedError("audit: OrderPaid")
        case OrderPlaced():
            raise NotImplementedError("audit: OrderPlaced")
        case Tick():
            raise NotImplementedError("audit: Tick")
        case _:
            assert_never(event)
