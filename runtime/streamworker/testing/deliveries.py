"""Deliveries for handlers that ask for theirs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextvars import copy_context
from inspect import isawaitable
from typing import TypeVar

from streamworker.delivery import Incoming, Origin, enter, hooks

T = TypeVar("T")


async def deliver(
    handle: Callable[[], Awaitable[T]],
    *,
    sequence: int = 1,
    attempt: int = 1,
    headers: Mapping[str, str] | None = None,
    dies: bool = False,
) -> T:
    """What a handler returns that asks for `current()`: called within a delivery, whose `on_published` callbacks then run.

    sequence: where its stream holds the event; the same one again is a redelivery. dies: whether the process ends once the outputs
    are stored and before the callbacks run.

    >>> assert await deliver(lambda: watcher.handle(event)) == completed
    """
    incoming = Incoming("", b"", headers, Origin("memory", 0, sequence), _Unsettled())
    incoming.attempt = attempt
    within = copy_context()
    within.run(enter, (incoming, _Scope()))

    async def run() -> T:
        returned = await handle()
        for callback in () if dies else hooks(incoming) or ():
            outcome = callback()
            if isawaitable(outcome):
                await outcome
        return returned

    return await asyncio.get_running_loop().create_task(run(), context=within)


class _Scope:
    worker = "test"

    def tokens(self, _subject: str, /) -> Mapping[str, str]:
        return {}

    def publish_id(self, origin: Origin, counter: int, /) -> str:
        return f"{origin.sequence}.{counter}"


class _Unsettled:
    """Nobody settles a delivery that no source made."""

    def ack(self, incoming: Incoming, /) -> None: ...
    def nak(self, incoming: Incoming, delay: float, /) -> None: ...
    def term(self, incoming: Incoming, reason: str, /) -> None: ...
    def in_progress(self, incoming: Incoming, /) -> None: ...
