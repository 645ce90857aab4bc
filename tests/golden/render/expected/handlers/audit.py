"""audit."""

from __future__ import annotations

from typing import assert_never

from generated.events import OrderPaid, OrderPlaced, Tick
from generated.workers import audit


@audit.handler
async def handle(event: OrderPaid | OrderPlaced | Tick) -> None:
    match event:
        case OrderPaid():
            raise audit.unwritten(event)
        case OrderPlaced():
            raise audit.unwritten(event)
        case Tick():
            raise audit.unwritten(event)
        case _:
            assert_never(event)
