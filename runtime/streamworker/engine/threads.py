"""Blocking handlers: each runs in a thread of the worker's own pool."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import copy_context

from streamworker.spec import AnyHandle


@asynccontextmanager
async def in_threads(function: Callable[[object], object], count: int, name: str) -> AsyncIterator[AnyHandle]:
    """An async handler that runs `function` in one of `count` threads; `current()` works there too.

    A thread cannot be ended: one that outlives its handler's timeout goes on, and is the watchdog's business.
    """
    pool = ThreadPoolExecutor(count, thread_name_prefix=name)
    loop = asyncio.get_running_loop()

    async def handle(event: object) -> object:
        return await loop.run_in_executor(pool, copy_context().run, function, event)

    try:
        yield handle
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
