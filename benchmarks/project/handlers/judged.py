"""judged: events whose model can't hold all that their schema says."""

from __future__ import annotations

from generated.events import Alert, JudgedReading
from generated.workers import judged
from handlers.alerts import alert


@judged.handler
async def handle(event: JudgedReading) -> Alert:
    return alert(event)
