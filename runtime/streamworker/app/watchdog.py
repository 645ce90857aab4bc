"""The watchdog: a thread that ends the process when its event loop stands still, or a blocking call outlives its timeout.

Nothing in such a process can be mended from within, and everything it holds would time out at the server. So it ends, with exit
code 75 (EX_TEMPFAIL), and says what ran then; whoever supervises it starts it again.

Code that holds the interpreter's lock all the while (a catastrophic regular expression does) holds this thread as well. Then the
kernel ends the process, by SIGVTALRM, once it has burnt processor time for a few times as long; the traceback goes to standard error.
"""

from __future__ import annotations

import asyncio
import faulthandler
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Final, TypeAlias

EXIT_CODE: Final = 75
_LOOKS = 10  # within the limit: how late the end may come is a tenth of it
_FRAMES = 4
_STDERR = 2
_DEBUGGERS = ("pdb", "bdb", "debugpy", "pydevd")

Told: TypeAlias = Callable[[], Sequence[str]]
"""Names deliveries. Called from the watchdog's thread, while the event loop may stand still."""


Blame: TypeAlias = Callable[["asyncio.Task[object]"], None]
"""Told, from the watchdog's thread, in which task the event loop stands still, just before the end."""


class Watchdog:
    """limit: seconds that the event loop may stand still. running: what handlers work on now. overdue: blocking calls that have outlived
    their timeout.

    Time in which the whole process was stopped (SIGSTOP, a suspended machine) does not count: this thread stood still, too.
    """

    def __init__(self, limit: float, *, running: Told, overdue: Told, blame: Blame) -> None:
        self._limit = limit
        self._running = running
        self._overdue = overdue
        self._blame = blame
        self._loop: asyncio.AbstractEventLoop | None = None
        self._every = limit / _LOOKS
        self._beats = 0
        self._closed = threading.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._watched = threading.get_ident()
        # A tenth of this is more than all processors can burn between two looks: it runs out when there are no looks.
        self._burnt = limit * max(2.0, (os.cpu_count() or 1) / 5)

    def open(self) -> None:
        """Start watching the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._beat(self._loop)
        faulthandler.register(signal.SIGVTALRM, file=_STDERR, all_threads=False, chain=True)
        self._arm()
        threading.Thread(target=self._watch, name="streamworker-watchdog", daemon=True).start()

    def close(self) -> None:
        self._closed.set()
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        if self._timer is not None:
            self._timer.cancel()

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        self._beats += 1
        self._timer = loop.call_later(self._every / 2, self._beat, loop)

    def _watch(self) -> None:
        seen, looks = self._beats, 0
        while not self._closed.wait(self._every):
            self._arm()
            if late := self._overdue():
                self._end(f"blocking calls outlived their timeout: {', '.join(late)}", None)
            looks = looks + 1 if self._beats == seen else 0
            seen = self._beats
            if looks > _LOOKS:
                self._end_stalled(sys._current_frames().get(self._watched))

    def _arm(self) -> None:
        signal.setitimer(signal.ITIMER_VIRTUAL, self._burnt)

    def _end_stalled(self, frame: FrameType | None) -> None:
        if _is_debugged(frame):
            return
        try:
            stuck = asyncio.current_task(self._loop)
            if stuck is not None:
                self._blame(stuck)
        finally:
            self._end(f"the event loop has stood still for more than {self._limit:g} s", frame)

    def _end(self, why: str, frame: FrameType | None) -> None:
        """Say why and end, past anything that the stuck thread may hold: no logging, no buffers, no clean-up."""
        running = ", ".join(self._running()) or "nothing"
        lines = [f"streamworker: {why}; ending with exit code {EXIT_CODE}", f"  running: {running}", *_places(frame)]
        if frame is not None:
            lines.append("  what takes long without awaiting belongs into a thread: bind the handler with `.blocking`")
        os.write(_STDERR, ("\n".join(lines) + "\n").encode(errors="replace"))
        os._exit(EXIT_CODE)


def _places(frame: FrameType | None) -> list[str]:
    """Where the event loop stands, innermost last. Code alone, no values: those may be secret."""
    stack = traceback.extract_stack(frame, limit=_FRAMES) if frame is not None else []
    return [f"  at {each.filename}:{each.lineno} in {each.name}: {each.line}" for each in stack]


def _is_debugged(frame: FrameType | None) -> bool:
    return frame is not None and any(
        each.f_globals.get("__name__", "").partition(".")[0] in _DEBUGGERS for each, _ in traceback.walk_stack(frame)
    )
