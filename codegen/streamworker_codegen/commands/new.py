"""`streamworker new`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from streamworker_codegen.terminal import fail, guarded

_NEXT = """\
{folder}: a pipeline called {name}, of one worker that answers a clock.

  cd {folder}
  streamworker run --embedded     # it runs; Ctrl-C ends it
  streamworker check              # contract, generated files, and the proof of types
  streamworker add worker NAME --source SUBJECT"""


def new(
    folder: Annotated[
        Path, typer.Argument(metavar="NAME", help="The folder to make; its last name is the pipeline's.")
    ],
) -> None:
    """Make a project that runs: schemas, a worker with its handler and a test, README and Makefile."""
    from streamworker_codegen.starting.project import Named, is_name, project_files, write_project

    name = folder.resolve().name
    if not is_name(name):
        fail(f"{name!r} is no name of a pipeline: letters, digits, - and _, beginning with a letter")
    guarded(lambda: write_project(folder, project_files(Named(name))))
    _generate(folder)
    typer.echo(_NEXT.format(folder=folder, name=name))


def _generate(folder: Path) -> None:
    from streamworker_codegen.generate import generate
    from streamworker_codegen.project import Project
    from streamworker_codegen.terminal import tell

    outcome = guarded(lambda: generate(Project(folder)))
    tell([each for each in outcome.problems if each.severity != "note"], Project(folder))
    if outcome.failed:
        raise typer.Exit(1)
