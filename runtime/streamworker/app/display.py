"""What one sees while a pipeline runs: a live table in a terminal, a line now and then elsewhere."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from streamworker.app.figures import CALM, Figures, IngestFigures, Part, WorkerFigures, rates
from streamworker.app.tables import count, rate, tables

_log = logging.getLogger("streamworker")
_FRAME = 0.25  # seconds between two pictures of the live table
_LINE = 5.0  # seconds between two lines, at the least
_WINDOW = 5.0  # seconds over which a rate is taken

Look: TypeAlias = Callable[[], Figures]


class Display(Protocol):
    """Shows figures until it is cancelled."""

    async def show(self, look: Look) -> None: ...


def display_for(console: Console, title: str) -> Display:
    """The live table where `console` is a terminal that can move its cursor, else lines."""
    return LiveTable(console, title) if console.is_terminal and not console.is_dumb_terminal else Lines()


class LiveTable:
    """Redraws a table in place; log lines go above it. It leaves nothing behind: the report follows."""

    def __init__(self, console: Console, title: str) -> None:
        self._console = console
        self._title = title
        self._started = time.monotonic()
        self._seen: deque[Figures] = deque()

    async def show(self, look: Look) -> None:
        with Live(console=self._console, auto_refresh=False, transient=True) as live:
            while True:
                live.update(self._picture(look()), refresh=True)
                await asyncio.sleep(_FRAME)

    def _picture(self, figures: Figures) -> RenderableType:
        self._seen.append(figures)
        while figures.at - self._seen[0].at > _WINDOW:
            self._seen.popleft()
        return Group(self._headline(), tables(figures, rates(self._seen[0], figures)))

    def _headline(self) -> Text:
        minutes, seconds = divmod(int(time.monotonic() - self._started), 60)
        return Text.assemble((self._title, "bold"), f"  {minutes:d}:{seconds:02d}", ("  Ctrl-C stops", "dim"))


class Lines:
    """Logs what moved, at most every few seconds, and each change of state within `every` seconds."""

    def __init__(self, every: float = 0.5) -> None:
        self._every = every

    async def show(self, look: Look) -> None:
        told = last = look()
        while True:
            await asyncio.sleep(self._every)
            now = look()
            for part in _changed(last, now):
                (_log.info if part.state.condition in CALM else _log.warning)("%s: %s", part.name, part.state)
            last = now
            if now.at - told.at >= _LINE:
                if line := moved(told, now):
                    _log.info("%s", line)
                told = now


def moved(before: Figures, now: Figures) -> str:
    """What moved between two moments, in one line; empty where nothing did."""
    old, each_second = before.by_name(), rates(before, now)
    return "; ".join(
        f"{part.name}: {_told(part, each_second)}"
        for part in now.parts
        if part.name not in old or _counts(old[part.name]) != _counts(part)
    )


def _told(part: Part, each_second: Mapping[str, float]) -> str:
    told = [f"{what} {count(number)}" for what, number in _counts(part).items() if number or what in ("in", "out")]
    if isinstance(part, WorkerFigures) and part.backlog:
        told.append(f"backlog {count(part.backlog)}")
    return ", ".join([*told, rate(each_second.get(part.name))])


def _counts(part: Part) -> Mapping[str, int]:
    if isinstance(part, IngestFigures):
        return {"in": part.received, "out": part.published, "refused": part.refused, "dropped": part.dropped}
    return {
        "in": part.received,
        "out": part.published,
        "retried": part.retried,
        "ignored": part.ignored,
        "dead-lettered": part.dead_lettered,
    }


def _changed(before: Figures, now: Figures) -> list[Part]:
    """The parts whose state is another, but for the ease between work and rest."""
    old = before.by_name()
    return [part for part in now.parts if part.name in old and _kind(old[part.name]) != _kind(part)]


def _kind(part: Part) -> str:
    return "at work" if part.state.condition in ("working", "idle") else str(part.state)
