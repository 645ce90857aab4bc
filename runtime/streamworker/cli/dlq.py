"""`streamworker dlq`: read the dead letters of a pipeline, send them back to their workers, or discard them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, TypeAlias

import typer

from streamworker.app.place import Place
from streamworker.cli.letter_filter import LetterFilter, duration
from streamworker.cli.letter_text import as_json, page, table
from streamworker.cli.mailroom import Mailroom, mailroom
from streamworker.cli.options import given, place_of
from streamworker.cli.tally import Tally, each
from streamworker.engine.stored_letters import StoredLetter
from streamworker.errors import ConfigurationError

dlq = typer.Typer(no_args_is_help=True, help="Read dead letters, send them back to their workers, or discard them.")

Json: TypeAlias = Annotated[bool, typer.Option("--json", help="A line of JSON for each letter.")]
DryRun: TypeAlias = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]


@dataclass(frozen=True)
class Choice:
    """Letters by their sequences; where none is given, all that the filter accepts."""

    sequences: Sequence[int]
    wanted: LetterFilter

    async def letters(self, room: Mailroom) -> AsyncGenerator[StoredLetter, None]:
        for stored in [await room.letter(sequence) for sequence in dict.fromkeys(self.sequences)]:  # all, or an error
            yield stored
        if not self.sequences:
            async with aclosing(room.those(self.wanted)) as letters:
                async for stored in letters:
                    yield stored


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
            async for stored in letters:
                found.append(stored)
                if len(found) > limit:
                    break
        if not found and not json:
            typer.echo(room.none(wanted), err=True)
        for line in map(as_json, found[:limit]) if json or not found else table(found[:limit], datetime.now(UTC)):
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
        await each(choice.letters(room), Tally("redriven", dry_run), room.letters.redrive, unless=room.objection)

    _in(place, work)


@dlq.command()
@given(choice=choice_of, place=place_of)
def discard(choice: Choice, place: Place, dry_run: DryRun = False) -> None:
    """Remove letters for good."""

    async def work(room: Mailroom) -> None:
        await each(choice.letters(room), Tally("discarded", dry_run), room.letters.discard, unless=lambda _: "")

    _in(place, work)


def _in(place: Place, work: Callable[[Mailroom], Awaitable[None]]) -> None:
    async def main() -> None:
        async with mailroom(place) as room:
            await work(room)

    asyncio.run(main())
