"""Blocking handlers: each runs in a thread of the worker's own pool."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import copy_context
from dataclasses import dataclass

from streamworker.delivery import current
from streamworker.spec import AnyHandle

_GRACE = 1.0  # seconds: a timeout is noticed up to this late


@dataclass(frozen=True, slots=True)
class Call:
    """A blocking call under way. what: its worker, and the place of its event. due: when it should have ended, on `time.monotonic`."""

    what: str
    due: float


_under_way: dict[int, Call] = {}  # of this process, by thread


def overdue() -> Sequence[str]:
    """The blocking calls of this process that have outlived their timeout, for people. May be called from any thread."""
    now = time.monotonic()
    return [call.what for call in tuple(_under_way.values()) if call.due < now]


@asynccontextmanager
async def in_threads(
    function: Callable[[object], object], count: int, name: str, timeout: float
) -> AsyncIterator[AnyHandle]:
    """An async handler that runs `function` in one of `count` threads; `current()` works there too.

    A thread cannot be ended: one that outlives its handler's timeout goes on, is `overdue`, and the watchdog's business.
    """
    pool = ThreadPoolExecutor(count, thread_name_prefix=name)
    loop = asyncio.get_running_loop()

    def call(event: object) -> object:
        thread = threading.get_ident()
        _under_way[thread] = Call(f"{name} {_event()}", time.monotonic() + timeout + _GRACE)
        try:
            return function(event)
        finally:
            del _under_way[thread]

    async def handle(event: object) -> object:
        return await loop.run_in_executor(pool, copy_context().run, call, event)

    try:
        yield handle
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _event() -> str:
    try:
        origin = current().origin
    except LookupError:
        return "(a batch)"
    return f"{origin.stream} {origin.sequence}"
