"""A program in a pseudo-terminal: what it shows, and keys pressed."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Sequence


class Terminal:
    """Runs `command` in a terminal of its own. `screen` is all that was written to it, without escape sequences."""

    def __init__(self, command: Sequence[str], *, columns: int = 100, **variables: str) -> None:
        self._ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (40, columns))
        self._written = bytearray()
        self._process = subprocess.Popen(
            command,
            env={**os.environ, **variables, "TERM": "xterm-256color"},
            preexec_fn=lambda: os.login_tty(theirs),  # keys that mean signals are for who has it as its terminal
        )
        os.close(theirs)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def screen(self) -> str:
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", self._written.decode(errors="replace"))

    def press(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def shows(self, wanted: Callable[[str], object], within: float = 20.0) -> None:
        """Wait until the screen is as wanted."""
        deadline = time.monotonic() + within
        while not wanted(self.screen):
            assert time.monotonic() < deadline, f"not within {within:g} s:\n{self.screen}"
            time.sleep(0.02)

    def end(self, within: float = 20.0) -> int:
        """Wait for its end; the exit code."""
        code = self._process.wait(within)
        self._reader.join(within)
        return code

    def kill(self) -> None:
        """End it, if it still runs, and close the terminal."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        os.close(self._ours)

    def _read(self) -> None:
        try:
            while chunk := os.read(self._ours, 65536):
                self._written += chunk
        except OSError:
            return  # how Linux says that nobody has the other side open any more
