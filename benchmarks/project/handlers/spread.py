"""spread: five outputs for each input."""

from __future__ import annotations

from collections.abc import Sequence

from generated.events import Alert, Reading
from generated.workers import spread
from handlers.alerts import alert


@spread.handler
async def handle(event: Reading) -> Sequence[Alert]:
    return [alert(event, number) for number in range(5)]
