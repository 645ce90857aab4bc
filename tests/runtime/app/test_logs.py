"""Log lines of a run."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
from rich.console import Console
from streamworker.app.logs import configure


@pytest.fixture
def told() -> Iterator[io.StringIO]:
    """What is logged from `info` on; afterwards logging is as it was."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    text = io.StringIO()
    configure(Console(file=text, width=40), "info")
    yield text
    logging.basicConfig(level=level, handlers=handlers, force=True)


def test_lines_are_told_as_they_are(told: io.StringIO) -> None:
    logging.getLogger("handlers.till").warning("[bold]%s[/bold] is no markup, and a long line is one line", "this")

    assert told.getvalue().endswith(
        "WARNING handlers.till: [bold]this[/bold] is no markup, and a long line is one line\n"
    )


def test_debug_lines_and_requests_are_left_out(told: io.StringIO) -> None:
    """A request's line holds its URL, and that may hold a secret."""
    logging.getLogger("streamworker").debug("not wanted")
    logging.getLogger("httpx").info("HTTP Request: GET http://user:secret@tv")

    assert told.getvalue() == ""
