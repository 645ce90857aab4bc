"""ledger: posts lines, many at a time; the books can't be opened at the first try."""

from __future__ import annotations

from collections.abc import Sequence

from streamworker import Item, Retry

from generated.events import Line, Posted
from generated.workers import ledger


class BooksClosed(Exception):
    """Of a library that knows nothing of streamworker."""


@ledger.classify({BooksClosed: Retry(after=0.05)}).handler
async def post(items: Sequence[Item[Line, Posted]]) -> None:
    for item in items:
        line = item.event
        if line.text == "heavy goods" and item.delivery.attempt == 1:
            item.failed(BooksClosed("come back later"))
        else:
            item.done(Posted(parcel_id=line.parcel_id, line=line.line, euros=f"{line.cents / 100:.2f}"))
