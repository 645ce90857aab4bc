"""ordered: the events of each sensor in their order."""

from __future__ import annotations

from generated.events import Alert, Reading
from generated.workers import ordered
from handlers.alerts import alert


@ordered.handler
async def handle(event: Reading) -> Alert:
    return alert(event)
