"""fan-out."""

from __future__ import annotations

from collections.abc import Sequence

from generated.events import OrderPaid, OrderPlaced, ParcelShipped
from generated.workers import fan_out


@fan_out.handler
async def handle(event: OrderPlaced) -> Sequence[OrderPaid | ParcelShipped]:
    raise fan_out.unwritten(event)
