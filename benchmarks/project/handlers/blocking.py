"""blocking: a plain function, in a thread."""

from __future__ import annotations

from generated.events import Alert, Reading
from generated.workers import blocking
from handlers.alerts import alert


@blocking.blocking
def handle(event: Reading) -> Alert:
    return alert(event)
