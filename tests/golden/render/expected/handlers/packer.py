"""packer."""

from __future__ import annotations

from collections.abc import Sequence

from streamworker.handler import Item

from generated.events import OrderPaid, ParcelShipped
from generated.workers import packer


@packer.handler
async def handle(items: Sequence[Item[OrderPaid, ParcelShipped | None]]) -> None:
    for item in items:
        item.failed(packer.unwritten(item.event))
