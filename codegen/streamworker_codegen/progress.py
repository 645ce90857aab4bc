"""What a command is at, for who waits for it: one line of the terminal, which goes when it is done. Elsewhere, nothing."""

from __future__ import annotations

import shutil
import sys
from types import TracebackType

_CLEAR = "\r\x1b[K"


class Progress:
    """The line stands while this object is entered."""

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._put("")

    def say(self, what: str) -> None:
        """`what` takes the place of what was said before."""
        self._put(f"{what} ..."[: shutil.get_terminal_size().columns - 1])

    def told(self, done: int, whole: int) -> None:
        """How far the longest part is."""
        self.say(f"making classes: {done:,} of {whole:,}")

    def _put(self, line: str) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"{_CLEAR}{line}")
            sys.stderr.flush()
