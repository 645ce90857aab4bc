"""Ends handlers that run for longer than their worker allows. Nothing is paid for a handler that ends in time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping

from streamworker.delivery import Incoming
from streamworker.errors import HandlerCancelled, HandlerTimeout
from streamworker.spec import AnyHandle


class Running:
    """The handlers that run now, by delivery."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._tasks: dict[Incoming, asyncio.Task[object]] = {}
        self._overdue: set[Incoming] = set()
        self._first_seen: dict[tuple[Incoming, int], float] = {}  # each attempt
        self._watching: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._tasks)

    def __iter__(self) -> Iterator[Incoming]:
        return iter(self._tasks)

    def tasks(self) -> Mapping[Incoming, asyncio.Task[object]]:
        """The task of each, as it is now. May be called from another thread."""
        return self._tasks.copy()

    async def run(self, incoming: Incoming, task: asyncio.Task[object], handle: AnyHandle, event: object) -> object:
        """Await the handler in `task`, which is the current one. Raises what it raises, or HandlerTimeout."""
        self._tasks[incoming] = task
        try:
            return await handle(event)
        except asyncio.CancelledError:
            raise self._cause(incoming, task) from None
        finally:
            del self._tasks[incoming]
            if incoming in self._overdue:  # its task was cancelled for that alone, and goes on
                self._overdue.discard(incoming)
                task.uncancel()

    def _cause(self, incoming: Incoming, task: asyncio.Task[object]) -> BaseException:
        """What a cancelled handler failed of: its time, or its own doing; CancelledError where its task is to end."""
        if self._watching is not None and self._watching.cancelling():  # as all tasks of a worker that ends
            return asyncio.CancelledError()
        if incoming in self._overdue:
            return HandlerTimeout(self._timeout)
        while task.cancelling():  # it cancelled the very task that it runs in
            task.uncancel()
        return HandlerCancelled("it was cancelled, or what it awaited was")

    async def watch(self) -> None:
        """End what runs for too long; runs until cancelled. A handler may run over by a twentieth of its timeout, at most 1 s."""
        self._watching = asyncio.current_task()
        every = min(1.0, self._timeout / 20)
        while True:
            await asyncio.sleep(every)
            self._sweep(asyncio.get_running_loop().time())

    def _sweep(self, now: float) -> None:
        attempts = [(incoming, incoming.attempt) for incoming in self._tasks]
        self._first_seen = {attempt: self._first_seen.get(attempt, now) for attempt in attempts}
        for (incoming, _), since in self._first_seen.items():
            task = self._tasks[incoming]
            if now - since >= self._timeout and incoming not in self._overdue:
                self._overdue.add(incoming)
                task.cancel()
