"""gathered: a hundred events at a time."""

from __future__ import annotations

from collections.abc import Sequence

from streamworker import Item

from generated.events import Alert, Reading
from generated.workers import gathered
from handlers.alerts import alert


@gathered.handler
async def handle(items: Sequence[Item[Reading, Alert]]) -> None:
    for item in items:
        item.done(alert(item.event))
