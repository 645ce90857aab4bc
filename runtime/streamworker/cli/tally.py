"""Doing something to one dead letter after the other, and telling how far it came."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

import typer

from streamworker.app.plain_text import shown
from streamworker.engine.stored_letters import StoredLetter
from streamworker.errors import PublishRefused
from streamworker.letters import Letter

_PROGRESS = 100  # letters between two words on how far it is
_INTERRUPTED = 130  # the exit code of what SIGINT ended, as shells have it


@dataclass
class Tally:
    """How far it is. done: what becomes of a letter, in the past tense."""

    done: str
    dry_run: bool
    count: int = 0
    kept: int = 0

    def keep(self, stored: StoredLetter, objection: str) -> None:
        self.kept += 1
        typer.echo(f"{stored.sequence} stays: {shown(objection)}", err=True)

    def add(self) -> None:
        self.count += 1
        if self.count % _PROGRESS == 0:
            typer.echo(f"{self.so_far} ...", err=True)

    @property
    def so_far(self) -> str:
        told = f"{self.count} would be {self.done}" if self.dry_run else f"{self.count} {self.done}"
        return f"{told}, {self.kept} kept" if self.kept else told


async def each(
    letters: AsyncGenerator[StoredLetter, None],
    tally: Tally,
    do: Callable[[StoredLetter], Awaitable[None]],
    *,
    unless: Callable[[Letter], str],
) -> None:
    """Do it to one letter after the other, and tell how far it came, whatever happens. An interrupt lets the letter at hand be finished."""
    interrupted = _interrupts()
    try:
        async with aclosing(letters):
            async for stored in letters:
                if interrupted.is_set():
                    break
                await _one(stored, tally, do, unless(stored.letter))
    finally:
        typer.echo(f"{tally.so_far}{'; interrupted before the end' if interrupted.is_set() else ''}")
    if interrupted.is_set():
        raise typer.Exit(_INTERRUPTED)


async def _one(
    stored: StoredLetter, tally: Tally, do: Callable[[StoredLetter], Awaitable[None]], objection: str
) -> None:
    if objection:
        tally.keep(stored, objection)
        return
    if not tally.dry_run:
        try:
            await do(stored)
        except PublishRefused as refusal:
            tally.keep(stored, str(refusal))
            return
    tally.add()


def _interrupts() -> asyncio.Event:
    """Set by SIGINT and SIGTERM, in place of what they do else."""
    interrupted = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, interrupted.set)
    return interrupted
