"""A delivery for handlers that ask for one, without a worker around it."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Mapping
from inspect import isawaitable
from typing import TypeVar

from streamworker.delivery import Delivery, Incoming, Origin, enter

T = TypeVar("T")


class _Scope:
    worker = "worker"

    def tokens(self, subject: str, /) -> Mapping[str, str]:
        return {}

    def publish_id(self, origin: Origin, counter: int, /) -> str:
        return f"{origin.sequence}-{counter}"


class _Unsettled:
    """Nobody settles here."""

    def ack(self, incoming: Incoming, /) -> None: ...
    def nak(self, incoming: Incoming, delay: float, /) -> None: ...
    def term(self, incoming: Incoming, reason: str, /) -> None: ...
    def in_progress(self, incoming: Incoming, /) -> None: ...


async def deliver(
    handle: Callable[[], Awaitable[T]], *, sequence: int = 1, stream: str = "IN", dies_before_commit: bool = False
) -> T:
    """What the handler returns for the delivery of that sequence, after its `on_published` hooks have run, unless it dies before."""
    incoming = Incoming("subject", b"", None, Origin(stream, 1, sequence), _Unsettled())
    delivery = Delivery(incoming, _Scope())
    context = contextvars.copy_context()
    context.run(enter, delivery)
    result = await _within(context, handle)
    for callback in [] if dies_before_commit else delivery.callbacks or []:
        outcome = context.run(callback)
        if isawaitable(outcome):
            await outcome
    return result


async def _within(context: contextvars.Context, handle: Callable[[], Awaitable[T]]) -> T:
    async def run() -> T:
        return await handle()

    return await asyncio.get_running_loop().create_task(run(), context=context)
