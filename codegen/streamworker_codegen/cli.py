"""The commands that the compiler adds to `streamworker`: `generate` and `check`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from streamworker_codegen import generate as steps
from streamworker_codegen.errors import CannotRead, CannotWrite
from streamworker_codegen.generate import Outcome
from streamworker_codegen.plan import Plan
from streamworker_codegen.problems import Problem
from streamworker_codegen.project import Project

ProjectOption = Annotated[
    Path,
    typer.Option(
        "--project", help="The folder that holds schemas/.", show_default="this folder", exists=True, file_okay=False
    ),
]
T = TypeVar("T")
_INTERRUPTED = 130
_LISTED = 12


def generate(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; say what is missing, stale or edited, and exit with 1.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite generated files that were edited by hand.")] = False,
    project: ProjectOption = Path(),
) -> None:
    """Turn schemas/ into generated/, and write a stub for each worker that has no handler."""
    place = Project(project)
    if check:
        outcome = _guarded(lambda: steps.check_drift(place, whole=False, starting=_starting))
    else:
        outcome = _guarded(lambda: steps.generate(place, force=force, starting=_starting, waiting=_waiting))
    _print_problems(outcome.problems, place)
    if outcome.differences:
        typer.echo(outcome.differences, err=True)
    if not outcome.failed:
        typer.echo(_summary(outcome))
    raise typer.Exit(int(outcome.failed))


def check(project: ProjectOption = Path()) -> None:
    """Check the contract, the graph, generated/ and the handlers, with mypy --strict; exit with 1 where something is wrong."""
    place = Project(project)
    outcome = _guarded(lambda: steps.check_drift(place, whole=True, starting=_starting))
    problems = outcome.problems
    if not outcome.failed:
        problems = (*problems, *_guarded(lambda: _types(place)))
    failed = any(problem.severity == "error" for problem in problems)
    _print_problems(problems, place)
    if outcome.failed:
        typer.echo("The handlers' types were not checked: mend these first.", err=True)
    if not failed:
        typer.echo(
            f"All is well: {_count(outcome.events, 'event')}, {_count(outcome.workers, 'worker')}, handlers type-checked."
        )
    raise typer.Exit(int(failed))


def _types(place: Project) -> Iterable[Problem]:
    from streamworker_codegen.typecheck import check_types

    return check_types(place)


def _guarded(step: Callable[[], T]) -> T:
    """Ends the command where the machine fails or the user interrupts."""
    try:
        return step()
    except (CannotRead, CannotWrite) as error:
        typer.secho(f"error: {error}", fg=typer.colors.RED, err=True)
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        typer.echo("Interrupted. Every file is whole, old or new; `streamworker generate` finishes.", err=True)
        raise typer.Exit(_INTERRUPTED) from None


def _starting() -> None:
    if sys.stderr.isatty():
        typer.secho("compiling schemas/ ...", dim=True, err=True)


def _waiting() -> None:
    typer.echo("Another compiler is at work in this project; waiting for it ...", err=True)


def _print_problems(problems: tuple[Problem, ...], place: Project) -> None:
    if problems:
        from streamworker_codegen.report import Report

        colour = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
        typer.echo(Report(place.root, colour).text(problems), err=True)


def _summary(outcome: Outcome) -> str:
    if outcome.plan and outcome.plan.changes_files:
        return _done(outcome.plan)
    counted = f"{_count(outcome.events, 'event')}, {_count(outcome.workers, 'worker')}: " if outcome.plan else ""
    return f"{counted}nothing to do, generated/ is up to date."


def _done(plan: Plan) -> str:
    new, changed = len(plan.missing), len(plan.writes) - len(plan.missing)
    kept = len(plan.manifest.outputs) - len(plan.writes)
    counts = [(new, "new"), (changed, "changed"), (len(plan.removes), "removed"), (kept, "unchanged")]
    lines = [f"generated/: {', '.join(f'{count} {what}' for count, what in counts if count)}"]
    lines += _listed(plan)
    if plan.stubs:
        lines += ["", "New handlers, for you to fill in:", *_cut([f"  {path}" for path in plan.stubs])]
    return "\n".join(lines)


def _listed(plan: Plan) -> list[str]:
    signs = {path: "+" if path in plan.missing else "~" for path in plan.writes} | dict.fromkeys(plan.removes, "-")
    return _cut([f"  {sign} {path}" for path, sign in sorted(signs.items())])


def _cut(lines: list[str]) -> list[str]:
    return [*lines[:_LISTED], f"  and {len(lines) - _LISTED} more"] if len(lines) > _LISTED + 1 else lines


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
