"""biller."""

from __future__ import annotations

from generated.events import OrderPaid, OrderPlaced
from generated.workers import biller


@biller.handler
async def handle(event: OrderPlaced) -> OrderPaid:
    raise biller.unwritten(event)
