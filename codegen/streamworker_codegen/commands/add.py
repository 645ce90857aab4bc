"""`streamworker add`: an event, a subject or a worker more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from streamworker_codegen.project import Project
from streamworker_codegen.terminal import ProjectOption, guarded, tell

if TYPE_CHECKING:
    from streamworker_codegen.adding.change import Change

add = typer.Typer(no_args_is_help=True, help="Add an event, a subject or a worker, and generate what follows from it.")

StreamOption: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="The stream that keeps it.", show_default="the one that does, or a new one"),
]


@add.command()
def event(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Such as order.placed: its folder, and its file.")],
    samples: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="FILE", help="Learn the schema from samples: .jsonl, a JSON object on each line."
        ),
    ] = None,
    subject: Annotated[
        str | None,
        typer.Option(metavar="SUBJECT", help="The subject that carries it.", show_default="NAME, or NAME.{id}"),
    ] = None,
    stream: StreamOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Write a schema, and declare the subject that carries it."""
    place = Project(project)
    guarded(lambda: _finish(_event(place, name, samples, subject, stream)), place)


@add.command()
def subject(
    name: Annotated[str, typer.Argument(metavar="SUBJECT", help="Such as order.placed.{id}.")],
    event: Annotated[
        str, typer.Option(metavar="FILE", help="Its schema, from schemas/ on: events/order/placed.schema.json.")
    ],
    stream: StreamOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Declare a subject of an event whose schema is there."""
    place = Project(project)
    guarded(lambda: _finish(_subject(place, name, event, stream)), place)


@add.command()
def worker(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Such as record-watcher.")],
    source: Annotated[
        list[str], typer.Option(metavar="SUBJECT", help="What it takes: a subject as declared, or a filter.")
    ],
    sink: Annotated[
        list[str] | None, typer.Option(metavar="SUBJECT", help="Where its outputs go, as declared.")
    ] = None,
    emit: Annotated[
        Literal["one", "maybe", "many"] | None,
        typer.Option(help="How many outputs an event has.", show_default="maybe"),
    ] = None,
    project: ProjectOption = Path(),
) -> None:
    """Declare a worker, and write the stub of its handler."""
    place = Project(project)
    guarded(lambda: _finish(_worker(place, name, source, sink or [], emit)), place)


def _event(place: Project, name: str, samples: Path | None, subject: str | None, stream: str | None) -> Change:
    from streamworker_codegen.adding.change import Change
    from streamworker_codegen.adding.event import as_text, default_subject, first_schema, learnt_schema, path_of
    from streamworker_codegen.adding.samples import read_samples

    change = Change.of(place)
    schema, guesses = learnt_schema(name, read_samples(samples)) if samples else (first_schema(name), ())
    change.add_file(path_of(name), as_text(schema))
    change.told += [f"  guessed: {each}" for each in guesses]
    declared = subject or default_subject(name, schema)
    change.store(declared, stream)
    change.add_entry("subjects", declared, path_of(name))
    return change


def _subject(place: Project, name: str, event: str, stream: str | None) -> Change:
    from streamworker_codegen.adding.change import Change

    change = Change.of(place)
    change.store(name, stream)
    change.add_entry("subjects", name, event)
    return change


def _worker(place: Project, name: str, source: list[str], sink: list[str], emit: str | None) -> Change:
    from streamworker_codegen.adding.change import Change

    change = Change.of(place)
    entry: dict[str, str | list[str]] = {"source": source[0] if len(source) == 1 else source}
    entry |= {"sink": sink[0] if len(sink) == 1 else sink} if sink else {}
    change.add_entry("workers", name, {**entry, **({"emit": emit} if emit else {})})
    return change


def _finish(change: Change) -> None:
    from streamworker_codegen.cli import summary
    from streamworker_codegen.generate import generate

    change.write()
    typer.echo("\n".join(change.told))
    outcome = generate(change.project)
    tell([each for each in outcome.problems if each.severity != "note"], change.project)
    if outcome.failed:
        raise typer.Exit(1)
    typer.echo(summary(outcome))
