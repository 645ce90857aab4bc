"""plain: a function."""

from __future__ import annotations

from generated.events import Alert, Reading
from generated.workers import plain
from handlers.alerts import alert


@plain.handler
async def handle(event: Reading) -> Alert:
    return alert(event)
