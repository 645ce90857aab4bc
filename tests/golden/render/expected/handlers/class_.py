"""class."""

from __future__ import annotations

from generated.events import OrderPaid, ParcelShipped
from generated.workers import class_


@class_.handler
async def handle(event: OrderPaid) -> ParcelShipped | None:
    raise class_.unwritten(event)
