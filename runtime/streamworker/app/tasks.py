"""Ways to run one thing beside another."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import TypeVar

T = TypeVar("T")

_log = logging.getLogger("streamworker")


async def unless(stop: asyncio.Event, work: Coroutine[object, object, T]) -> T | None:
    """What `work` returns; None if `stop` was set before: then it is cancelled."""
    working = asyncio.ensure_future(work)
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        if not working.done():
            working.cancel()
            await asyncio.wait({working})
    return None if working.cancelled() else working.result()


@asynccontextmanager
async def beside(*works: Coroutine[object, object, None]) -> AsyncIterator[None]:
    """Runs `works` while the block runs, and ends them with it. One that fails is logged, and ends alone."""
    tasks = {asyncio.ensure_future(work) for work in works}
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        for task in tasks:
            if not task.cancelled() and (error := task.exception()) is not None:
                _log.error("a task beside the pipeline failed", exc_info=error)
