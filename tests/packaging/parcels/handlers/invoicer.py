"""invoicer: the lines of a bill."""

from __future__ import annotations

from collections.abc import Sequence

from streamworker import Logged, Timeout

from generated.events import Due, Line
from generated.workers import invoicer


@invoicer.with_middleware(Logged(), Timeout(5)).handler
async def lines(event: Due) -> Sequence[Line]:
    texts = [("carriage", event.cents)] + ([("heavy goods", 250)] if event.heavy else [])
    return [
        Line(parcel_id=event.parcel_id, line=number, text=text, cents=cents)
        for number, (text, cents) in enumerate(texts, start=1)
    ]
