"""What the compiler's commands share: options, how problems are told, and how a command ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Literal, NoReturn, TypeAlias, TypeVar

import typer

from streamworker_codegen.errors import CannotRead, CannotWrite, Refused
from streamworker_codegen.problems import Problem
from streamworker_codegen.project import Project

Format: TypeAlias = Literal["text", "json", "github"]
ProjectOption: TypeAlias = Annotated[
    Path,
    typer.Option(
        "--project", help="The folder that holds schemas/.", show_default="this folder", exists=True, file_okay=False
    ),
]
FormatOption: TypeAlias = Annotated[
    Format | None,
    typer.Option(
        "--format",
        help="How problems are told: as text, as lines of JSON, or as text and GitHub annotations.",
        show_default="text; github where GITHUB_ACTIONS is true",
    ),
]
AgainstOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--against",
        metavar="REF",
        help="What to compare the contract with: a git ref, or a folder that holds schemas/.",
        show_default="`against` in schemas/compat.yaml",
    ),
]
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="Short for --format json.")]
OutputOption: TypeAlias = Annotated[
    Path | None, typer.Option("--output", "-o", help="A file to write to.", show_default="standard output")
]
T = TypeVar("T")
_INTERRUPTED = 130


def chosen(format: Format | None, *, json: bool) -> Format:
    """The format that is meant: where none is named, what fits the surroundings."""
    if json:
        return "json"
    return format or ("github" if os.environ.get("GITHUB_ACTIONS") == "true" else "text")


def tell(problems: Sequence[Problem], place: Project, format: Format = "text") -> None:
    """Text goes to standard error; lines of JSON and annotations to standard output, where programs read."""
    if not problems:
        return
    if format == "json":
        from streamworker_codegen.report_formats import json_lines

        typer.echo(json_lines(problems))
        return
    from streamworker_codegen.report import Report

    colour = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    typer.echo(Report(place.root, colour).text(problems), err=True)
    if format == "github":
        from streamworker_codegen.report_formats import github_annotations

        typer.echo(github_annotations(problems, place.root))


def guarded(step: Callable[[], T], place: Project | None = None) -> T:
    """Ends the command where the machine fails, the user interrupts, or an input was refused; of the last the problems are told."""
    try:
        return step()
    except (CannotRead, CannotWrite) as error:
        fail(str(error))
    except Refused as refused:
        tell(refused.problems, place or Project(Path()))
        raise typer.Exit(1) from refused
    except BaseException as error:
        if not _is_interrupt(error):
            raise
        typer.echo("Interrupted. Every file is whole, old or new; `streamworker generate` finishes.", err=True)
        raise typer.Exit(_INTERRUPTED) from None


def _is_interrupt(error: BaseException | None) -> bool:
    """Or what came of one: Python 3.11 makes a RuntimeError of whatever is raised while a class is made."""
    return error is not None and (isinstance(error, KeyboardInterrupt) or _is_interrupt(error.__context__))


def fail(error: str) -> NoReturn:
    """One line, and exit code 1."""
    typer.secho(f"error: {error}", fg=typer.colors.RED, err=True)
    raise typer.Exit(1)


def put(text: str, output: Path | None) -> None:
    """To standard output, or whole into a file."""
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, "utf-8")
    except OSError as error:
        fail(str(CannotWrite(str(output), error.strerror or str(error))))
    typer.echo(f"{output} written.", err=True)
