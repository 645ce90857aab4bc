"""waiting: a function that waits for something else, for 100 ms."""

from __future__ import annotations

import asyncio

from generated.events import Alert, Reading
from generated.workers import waiting
from handlers.alerts import alert


@waiting.handler
async def handle(event: Reading) -> Alert:
    await asyncio.sleep(0.1)
    return alert(event)
