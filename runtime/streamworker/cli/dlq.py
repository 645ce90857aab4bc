"""`streamworker dlq`: read the dead letters of a pipeline, send them back to their workers, or discard them."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, TypeAlias

import typer

from streamworker.app.place import Place
from streamworker.app.plain_text import shown
from streamworker.cli.letter_filter import LetterFilter, duration
from streamworker.cli.letter_text import as_json, page, table
from streamworker.cli.mailroom import Mailroom, mailroom
from streamworker.cli.options import given, place_of
from streamworker.engine.dead_letters import StoredLetter
from streamworker.errors import ConfigurationError
from streamworker.letters import Letter

dlq = typer.Typer(no_args_is_help=True, help="Read dead letters, send them back to their workers, or discard them.")

_PROGRESS = 100  # letters between two words on how far it is

Json: TypeAlias = Annotated[bool, typer.Option("--json", help="A line of JSON for each letter.")]
DryRun: TypeAlias = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]


@dataclass(frozen=True)
class Choice:
    """Letters by their sequences; where none is given, all that the filter accepts."""

    sequences: Sequence[int]
    wanted: LetterFilter

    async def letters(self, room: Mailroom) -> AsyncGenerator[StoredLetter, None]:
        for sequence in self.sequences:
            yield await room.letter(sequence)
        if not self.sequences:
            async with aclosing(room.those(self.wanted)) as letters:
                async for each in letters:
                    yield each


def filter_of(
    worker: Annotated[str, typer.Option(metavar="NAME", help="Of this worker.")] = "",
    subject: Annotated[str, typer.Option(metavar="SUBJECT", help="Of events on it; * and > match any.")] = "",
    error: Annotated[str, typer.Option(metavar="TEXT", help="Whose error holds this text.")] = "",
    older: Annotated[str, typer.Option(metavar="AGE", help="At least so old: 90s, 30m, 12h, 7d.")] = "",
    newer: Annotated[str, typer.Option(metavar="AGE", help="At most so old.")] = "",
) -> LetterFilter:
    """Which letters are meant."""
    return LetterFilter(
        worker=worker,
        subject=subject,
        error=error,
        older=duration(older) if older else None,
        newer=duration(newer) if newer else None,
    )


@given(wanted=filter_of)
def choice_of(
    wanted: LetterFilter,
    sequences: Annotated[list[int] | None, typer.Argument(metavar="SEQ", help="Letters, by their sequences.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
) -> Choice:
    """Which letters are meant, where a slip would be dear. Raises ConfigurationError for none, and for two ways at once."""
    ways = [bool(sequences), wanted != LetterFilter(), every]
    if sum(ways) != 1:
        problem = "sequences, filters and --all don't go together" if any(ways) else "which letters?"
        raise ConfigurationError(problem, hint="name their sequences, give a filter such as --worker, or say --all")
    return Choice(sequences or (), wanted)


@dlq.command("list")
@given(wanted=filter_of, place=place_of)
def list_letters(
    wanted: LetterFilter,
    place: Place,
    after: Annotated[int, typer.Option(metavar="SEQ", help="From the letter after this one on.")] = 0,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    json: Json = False,
) -> None:
    """List dead letters, oldest first."""

    async def work(room: Mailroom) -> None:
        found: list[StoredLetter] = []
        async with aclosing(room.those(wanted, after=after)) as letters:
            async for each in letters:
                found.append(each)
                if len(found) > limit:
                    break
        for line in map(as_json, found[:limit]) if json else table(found[:limit], datetime.now(UTC)):
            typer.echo(line)
        if len(found) > limit:
            typer.echo(f"there are more: --after {found[limit - 1].sequence}", err=True)

    _in(place, work)


@dlq.command()
@given(place=place_of)
def show(
    place: Place,
    sequence: Annotated[int, typer.Argument(metavar="SEQ", help="The letter's sequence.")],
    json: Json = False,
) -> None:
    """Show a dead letter: the event, the error and its place, the attempts."""

    async def work(room: Mailroom) -> None:
        letter = await room.letter(sequence)
        typer.echo(as_json(letter) if json else "\n".join(page(letter)))

    _in(place, work)


@dlq.command()
@given(choice=choice_of, place=place_of)
def redrive(choice: Choice, place: Place, dry_run: DryRun = False) -> None:
    """Send letters back to the worker that failed, and to it alone.

    A letter that today's contract refuses as well stays where it is. One that fails again becomes a new letter.
    """

    async def work(room: Mailroom) -> None:
        await _each(choice.letters(room), "redriven", room.letters.redrive, unless=room.objection, dry_run=dry_run)

    _in(place, work)


@dlq.command()
@given(choice=choice_of, place=place_of)
def discard(choice: Choice, place: Place, dry_run: DryRun = False) -> None:
    """Remove letters for good."""

    async def work(room: Mailroom) -> None:
        await _each(choice.letters(room), "discarded", room.letters.discard, unless=lambda _: "", dry_run=dry_run)

    _in(place, work)


async def _each(
    letters: AsyncGenerator[StoredLetter, None],
    done: str,
    do: Callable[[StoredLetter], Awaitable[None]],
    *,
    unless: Callable[[Letter], str],
    dry_run: bool,
) -> None:
    """Do it to one letter after the other. An interrupt lets the letter at hand be finished."""
    count, kept, interrupted = 0, 0, asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupted.set)
    async with aclosing(letters):
        async for stored in letters:
            if interrupted.is_set():
                break
            if objection := unless(stored.letter):
                kept += 1
                typer.echo(f"{stored.sequence} stays: {shown(objection)}", err=True)
                continue
            if not dry_run:
                await do(stored)
            count += 1
            if count % _PROGRESS == 0:
                typer.echo(f"{count} {done} ...", err=True)
    typer.echo(_summary(count, kept, done, dry_run=dry_run, interrupted=interrupted.is_set()))


def _summary(count: int, kept: int, done: str, *, dry_run: bool, interrupted: bool) -> str:
    told = f"{count} would be {done}" if dry_run else f"{count} {done}"
    return f"{told}{f', {kept} kept' if kept else ''}{'; interrupted before the end' if interrupted else ''}"


def _in(place: Place, work: Callable[[Mailroom], Awaitable[None]]) -> None:
    async def main() -> None:
        async with mailroom(place) as room:
            await work(room)

    asyncio.run(main())
