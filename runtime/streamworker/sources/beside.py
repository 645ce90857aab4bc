"""What a source does beside handing over deliveries. An error of our own there would end it unseen, and the worker would stand still."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from functools import partial

from streamworker.errors import WorkerStopped
from streamworker.sources.base import Receiver

_log = logging.getLogger(__name__)


def beside(work: Coroutine[object, object, None], receiver: Receiver, name: str) -> asyncio.Task[None]:
    """A task of that name. What it raises stops the worker."""
    task = asyncio.get_running_loop().create_task(work, name=name)
    task.add_done_callback(partial(_tell, receiver))
    return task


def _tell(receiver: Receiver, task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.critical("%s: stopped by an error of streamworker's own", task.get_name(), exc_info=error)
        receiver.failed(WorkerStopped(task.get_name(), error))
