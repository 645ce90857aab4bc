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


def test_what_came_from_outside_forges_no_line_and_is_told_in_bounds(told: io.StringIO) -> None:
    try:
        _fail("a\x1b[2J\r\n2026-01-01T00:00:00+0000 ERROR forged")
    except ValueError:
        logging.getLogger("handlers.till").exception("b\n2026-01-01T00:00:00+0000 ERROR forged %s", "x" * 100_000)

    assert "\x1b" not in told.getvalue()
    assert not [line for line in told.getvalue().splitlines() if line.startswith("2026-01-01")]
    assert len(told.getvalue()) < 30_000
    assert "characters in all" in told.getvalue()


def test_debug_lines_and_requests_are_left_out(told: io.StringIO) -> None:
    """A request's line holds its URL, and that may hold a secret."""
    logging.getLogger("streamworker").debug("not wanted")
    logging.getLogger("httpx").info("HTTP Request: GET http://user:secret@tv")

    assert told.getvalue() == ""


def _fail(text: str) -> None:
    raise ValueError(text)
