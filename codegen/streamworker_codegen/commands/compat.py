"""`streamworker compat`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from streamworker_codegen.problems import Problem
from streamworker_codegen.progress import Progress
from streamworker_codegen.project import Project
from streamworker_codegen.terminal import AgainstOption, FormatOption, JsonOption, ProjectOption, chosen, guarded, tell


def compat(
    against: AgainstOption = None,
    stored: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Also read the last N messages of each changed subject on the server (NATS_URL), by the new contract.",
        ),
    ] = None,
    project: ProjectOption = Path(),
    format: FormatOption = None,
    json: JsonOption = False,
) -> None:
    """Tell what a change of schemas/ breaks: who can't read what is stored, and who can't read what will be written.

    Each event that changed is safe, safe (rolling), breaking or not proven; the last two exit with 1. Of what breaks, a message is shown.
    With --stored alone, all subjects are read, and nothing is compared.
    """
    place, told = Project(project), chosen(format, json=json)
    with Progress() as progress:
        progress.say("comparing with what was")
        problems = guarded(lambda: _problems(place, against, stored or 0), place)
    tell(problems, place, told)
    failed = any(problem.severity == "error" for problem in problems)
    if not failed:
        typer.echo("Nothing breaks." if problems else "Nothing changed.", err=told == "json")
    raise typer.Exit(int(failed))


def _problems(place: Project, against: str | None, stored: int) -> tuple[Problem, ...]:
    from streamworker_codegen.compat.compare import compare

    return compare(place, against, stored=stored)
