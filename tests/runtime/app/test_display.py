"""What one sees while a pipeline runs: a table in a (pseudo-)terminal, lines elsewhere."""

from __future__ import annotations

import io
import logging
import re
import sys

import pytest
from rich.console import Console
from streamworker.app.display import Lines, LiveTable, display_for, moved
from streamworker.app.figures import Figures, IngestFigures, State, WorkerFigures
from streamworker.app.tables import count, rate, seconds, tables

from tests.runtime.terminal import Terminal

WORKING = State("working")
WAITING = State("waiting", "another process is pinned")


def figures(at: float, **of_worker: int) -> Figures:
    worker = WorkerFigures(name="watcher", state=WORKING, **of_worker)
    return Figures(
        at=at, workers=[worker], ingests=[IngestFigures(name="mirakc", state=WORKING, received=5, published=5)]
    )


def printed(figures: Figures, width: int = 80) -> str:
    console = Console(width=width, file=io.StringIO())
    console.print(tables(figures, {"planner": 12345.6}))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_row_of_large_figures_fits_into_80_columns() -> None:
    worker = WorkerFigures(
        name="schedule-planner",
        state=WORKING,
        received=999_999,
        published=12_345_678,
        retried=999_999,
        ignored=999_999,
        dead_lettered=9_999,
        backlog=1_234_567,
        p99=0.0004,
    )
    text = printed(Figures(at=1.0, workers=[worker]))
    assert "● schedule-planner 999,999 12.35M 999,999 999,999 9,999  1.235M" in text
    assert "400µs" in text
    assert "…" not in text


def test_columns_stand_still_while_figures_grow() -> None:
    def shown(received: int) -> list[str]:
        worker = WorkerFigures(name="schedule-planner", state=WORKING, received=received, published=received, p99=0.01)
        ingest = IngestFigures(name="mirakc", state=WORKING, received=received, published=received)
        return printed(Figures(at=1.0, workers=[worker], ingests=[ingest])).splitlines()

    assert [line for line in shown(0) if "─" in line] == [line for line in shown(99_999) if "─" in line]


def test_what_is_not_well_is_told_below_the_table() -> None:
    worker = WorkerFigures(name="watcher", state=WAITING)
    text = printed(Figures(at=1.0, workers=[worker], waiting="no NATS server at nats://localhost:4222"))

    assert "◌ watcher" in text
    assert text.splitlines()[-2:] == [
        "◌ no NATS server at nats://localhost:4222",
        "◌ watcher waiting: another process is pinned",
    ]


def test_numbers_are_short_and_exact_as_long_as_they_can_be() -> None:
    assert [count(n) for n in (0, 7139, 999_999, 1_000_000, 12_345_678)] == ["0", "7,139", "999,999", "1M", "12.35M"]
    assert [seconds(s) for s in (None, 0.00042, 0.0421, 4.23)] == ["–", "420µs", "42ms", "4.2s"]
    assert [rate(r) for r in (None, 0.0, 0.25, 123.4)] == ["–", "0/s", "0.2/s", "123/s"]


def test_a_line_tells_what_moved_and_only_that() -> None:
    before, now = (
        figures(10.0, received=100, published=90),
        figures(15.0, received=1100, published=1080, acked=1000, retried=2, backlog=7),
    )

    assert moved(before, now) == "watcher: in 1,100, out 1,080, retried 2, backlog 7, 200/s"
    assert moved(now, now) == ""


async def test_lines_come_now_and_then_and_at_changes_of_state(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "streamworker")
    looks = [
        figures(0.0),
        figures(1.0, received=1),
        figures(5.0, received=2),
        Figures(at=6.0, workers=[WorkerFigures(name="watcher", state=WAITING, received=2)]),
        figures(7.0, received=2),
        figures(11.0, received=2),
    ]
    with pytest.raises(IndexError):  # nothing more to look at
        await Lines(every=0.001).show(lambda: looks.pop(0))

    told = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert told == [
        ("INFO", "watcher: in 2, out 0, 0/s"),
        ("WARNING", "watcher: waiting: another process is pinned"),
        ("INFO", "watcher: working"),
    ]


def test_a_pipe_gets_lines_and_a_terminal_a_table() -> None:
    assert isinstance(display_for(Console(file=io.StringIO()), "recorder"), Lines)
    assert isinstance(
        display_for(Console(force_terminal=True, file=io.StringIO(), _environ={"TERM": "xterm"}), "recorder"), LiveTable
    )
    assert isinstance(
        display_for(Console(force_terminal=True, file=io.StringIO(), _environ={"TERM": "dumb"}), "recorder"), Lines
    )


LIVE = """
import asyncio, logging, time
from rich.console import Console
from streamworker.app.display import display_for
from streamworker.app.figures import *
from streamworker.app.logs import configure

console = Console()
configure(console, "info")
started = time.monotonic()

def look():
    at = time.monotonic()
    done = int((at - started) * 1000)
    worker = WorkerFigures(name="watcher", state=State("working"), received=done, acked=done, published=done)
    return Figures(at=at, workers=[worker])

async def main():
    show = asyncio.create_task(display_for(console, "recorder on nats://tv").show(look))
    await asyncio.sleep(0.6)
    logging.getLogger("handlers").info("a line [of] the user's")
    await asyncio.sleep(0.6)
    show.cancel()
    await asyncio.wait([show])
    print("after")

asyncio.run(main())
"""


def test_in_a_terminal_the_table_is_redrawn_and_log_lines_stand_above_it() -> None:
    terminal = Terminal([sys.executable, "-c", LIVE])
    assert terminal.end() == 0
    screen = terminal.screen
    terminal.kill()

    assert screen.count("recorder on nats://tv") >= 4
    assert re.search(r"● watcher +[0-9,]+ +[0-9,]+", screen)
    assert "a line [of] the user's" in screen
    assert screen.rindex("after") > screen.rindex("watcher")
