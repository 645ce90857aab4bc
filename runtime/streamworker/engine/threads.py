"""Blocking handlers: each runs in a thread of the worker's own.

Why not a ThreadPoolExecutor: a call through it takes two futures, a dozen turns of locks, and a wake-up of the event loop by a write
into a pipe; that was 20 us of the 45 that a thread cost an event. Here what ends while the loop is busy is handed back to it together.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from contextvars import Context, copy_context
from queue import Empty, SimpleQueue
from typing import NamedTuple

from streamworker.delivery import origin_in
from streamworker.spec import AnyHandle

_GRACE = 1.0  # seconds: a timeout is noticed up to this late


class Call(NamedTuple):
    """A blocking call: of which worker, with what, in which context (of the event that is handled), and the future that awaits it."""

    worker: str
    event: object
    context: Context
    future: asyncio.Future[object]

    def __str__(self) -> str:
        origin = origin_in(self.context)
        return f"{self.worker} {f'{origin.stream} {origin.sequence}' if origin else '(a batch)'}"


_under_way: dict[int, tuple[Call, float]] = {}  # of this process, by thread: the call, and when it should have ended


def overdue() -> Sequence[str]:
    """The blocking calls of this process that have outlived their timeout, for people. May be called from any thread."""
    now = time.monotonic()
    return [str(call) for call, due in tuple(_under_way.values()) if due < now]


@asynccontextmanager
async def in_threads(
    function: Callable[[object], object], count: int, name: str, timeout: float
) -> AsyncIterator[AnyHandle]:
    """An async handler that runs `function` in one of `count` threads; `current()` works there too.

    A thread cannot be ended: one that outlives its handler's timeout goes on, is `overdue`, and the watchdog's business.
    """
    threads = _Threads(function, count, name, timeout)
    try:
        yield threads.handle
    finally:
        threads.close()


class _Threads:
    """Started as they are needed, and ended by `close` when they have nothing to do."""

    def __init__(self, function: Callable[[object], object], count: int, name: str, timeout: float) -> None:
        self._function = function
        self._count = count
        self._name = name
        self._timeout = timeout
        self._loop = asyncio.get_running_loop()
        self._started = 0
        self._open = 0  # calls that have not ended: also one that nobody waits for any more keeps its thread
        self._calls: SimpleQueue[Call | None] = SimpleQueue()
        self._ended: deque[tuple[asyncio.Future[object], object, BaseException | None]] = deque()
        self._told = False  # whether the event loop will look at what has ended

    async def handle(self, event: object) -> object:
        if self._started <= self._open and self._started < self._count:
            # A daemon: one that hangs must not keep the process from ending, when its event was given back.
            threading.Thread(target=self._work, name=f"{self._name}_{self._started}", daemon=True).start()
            self._started += 1
        self._open += 1
        call = Call(self._name, event, copy_context(), self._loop.create_future())
        self._calls.put(call)
        return await call.future

    def close(self) -> None:
        """Take no call up any more, and let each thread end after the one that it is at."""
        with suppress(Empty):
            while True:
                if (call := self._calls.get_nowait()) is not None:
                    call.future.cancel()
        for _ in range(self._started):
            self._calls.put(None)

    def _work(self) -> None:
        """What a thread does."""
        me = threading.get_ident()
        while (call := self._calls.get()) is not None:
            returned, error = None, None
            if not call.future.done():  # else its handler was cancelled before
                _under_way[me] = call, time.monotonic() + self._timeout + _GRACE
                try:
                    returned = call.context.run(self._function, call.event)
                except BaseException as raised:  # noqa: BLE001 -- whatever it is, the one who awaits it gets it
                    error = raised
                del _under_way[me]
            self._ended.append((call.future, returned, error))
            if not self._told:
                self._told = True
                with suppress(RuntimeError):  # a loop that is closed awaits nothing
                    self._loop.call_soon_threadsafe(self._hand_back)

    def _hand_back(self) -> None:
        self._told = False  # first: what ends from now on may be overlooked below
        while self._ended:
            future, returned, error = self._ended.popleft()
            self._open -= 1
            if future.done():  # its handler was cancelled meanwhile
                continue
            if error is None:
                future.set_result(returned)
            elif isinstance(error, StopIteration):  # which no future takes
                future.set_exception(RuntimeError("the handler raised StopIteration"))
            else:
                future.set_exception(error)
