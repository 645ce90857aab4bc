"""Log lines of a run: through the console, so that they stand above a live table and never tear it."""

from __future__ import annotations

import logging
from typing import Final

from rich.console import Console
from rich.text import Text

from streamworker.app.plain_text import shown_lines

_STYLES: Final = {logging.DEBUG: "dim", logging.WARNING: "yellow", logging.ERROR: "red", logging.CRITICAL: "bold red"}
_LONGEST: Final = 20_000  # characters of one entry
_TALKATIVE: Final = ("httpx", "httpcore")  # a line for each request, with its URL: it may hold a secret


def configure(console: Console, level: str) -> None:
    """Log to `console` from `level` on, the user's own loggers too."""
    handler = _ConsoleHandler(console)
    time_format = "%H:%M:%S" if console.is_terminal else "%Y-%m-%dT%H:%M:%S%z"
    handler.setFormatter(SafeFormatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s", time_format))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


class SafeFormatter(logging.Formatter):
    """What is logged may quote what came from outside: see `plain_text`. Of what is endless, the beginning is told."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        clipped = f"{text[:_LONGEST]}… ({len(text):,} characters in all)" if len(text) > _LONGEST else text
        return shown_lines(clipped)


class _ConsoleHandler(logging.Handler):
    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._console.print(Text(self.format(record), style=_STYLES.get(record.levelno, "")), soft_wrap=True)
        except Exception:  # noqa: BLE001  # as every handler of the library does: logging never ends what it tells of
            self.handleError(record)
