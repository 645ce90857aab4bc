"""The signals that end a run: SIGTERM, SIGINT, and SIGHUP of a terminal that closes.

The first asks for an orderly stop, the second for a fast one, the third ends the process as it would any other.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_log = logging.getLogger("streamworker")
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass
class Signals:
    """The signals that came. stop: set by the first. hurry: called at the second."""

    stop: asyncio.Event
    hurry: Callable[[], object]
    came: list[signal.Signals] = field(default_factory=list)
    _taken: tuple[signal.Signals, ...] = ()

    @property
    def first(self) -> signal.Signals | None:
        return self.came[0] if self.came else None

    @property
    def second(self) -> signal.Signals | None:
        return self.came[1] if len(self.came) > 1 else None

    @contextmanager
    def handled(self) -> Iterator[None]:
        """Handle them while the block runs. In the main thread, with its loop running."""
        loop = asyncio.get_running_loop()
        self._taken = tuple(
            each for each in _SIGNALS if signal.getsignal(each) is not signal.SIG_IGN
        )  # nohup ignores SIGHUP
        for number in self._taken:
            loop.add_signal_handler(number, self._on, number)
        try:
            yield
        finally:
            self._leave(loop)

    def _on(self, number: signal.Signals) -> None:
        self.came.append(number)
        if self.second is None:
            _log.info("%s: finishing what has started; once more stops at once", number.name)
            self.stop.set()
            return
        _log.warning("%s again: stopping at once", number.name)
        self._leave(asyncio.get_running_loop())
        self.hurry()

    def _leave(self, loop: asyncio.AbstractEventLoop) -> None:
        for number in self._taken:
            loop.remove_signal_handler(number)
