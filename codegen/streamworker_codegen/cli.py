"""The commands that the compiler adds to `streamworker`: `generate` and `check`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from streamworker_codegen import generate as steps
from streamworker_codegen.collecting import freeze, uncollected
from streamworker_codegen.early import GENERATOR
from streamworker_codegen.generate import Hooks, Outcome
from streamworker_codegen.plan import Plan
from streamworker_codegen.problems import Problem
from streamworker_codegen.progress import Progress
from streamworker_codegen.project import Project
from streamworker_codegen.terminal import AgainstOption, FormatOption, JsonOption, ProjectOption, chosen, guarded, tell

_LISTED = 12


def generate(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; say what is missing, stale or edited, and exit with 1.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite generated files that were edited by hand.")] = False,
    project: ProjectOption = Path(),
    format: FormatOption = None,
    json: JsonOption = False,
) -> None:
    """Turn schemas/ into generated/, and write a stub for each worker that has no handler."""
    place, told = Project(project), chosen(format, json=json)
    with _watched() as (hooks, _), uncollected():
        step = steps.check_drift if check else partial(steps.generate, force=force)
        outcome = guarded(lambda: step(place, hooks))
        freeze()
    tell(outcome.problems, place, told)
    if outcome.differences:
        typer.echo(outcome.differences, err=True)
    if not outcome.failed:
        typer.echo(summary(outcome), err=told == "json")
    raise typer.Exit(int(outcome.failed))


def check(
    against: AgainstOption = None,
    live: Annotated[
        bool,
        typer.Option("--live", help="Look at the server (NATS_URL), too: what `run` would make, change or refuse."),
    ] = False,
    project: ProjectOption = Path(),
    format: FormatOption = None,
    json: JsonOption = False,
) -> None:
    """Check the contract, the graph, generated/ and the handlers, with mypy --strict; exit with 1 where something is wrong.

    With a version to compare with, that nothing breaks who reads: `--against`, or `against` in schemas/compat.yaml.
    """
    place, told = Project(project), chosen(format, json=json)
    with _watched() as (hooks, progress):
        outcome = guarded(lambda: steps.check_drift(place, hooks, whole=True))
        problems = outcome.problems
        if not outcome.failed:
            progress.say("checking the handlers' types")
            problems = (*problems, *guarded(lambda: _types(place)), *guarded(lambda: _unwritten(place)))
            progress.say("comparing with what was")
            problems = (*problems, *guarded(lambda: _changes(place, against), place))
        if live and not outcome.failed:
            progress.say("looking at the server")
            problems = (*problems, *guarded(lambda: _server(place)))
    failed = any(problem.severity == "error" for problem in problems)
    tell(problems, place, told)
    if outcome.failed:
        typer.echo("The handlers' types were not checked: mend these first.", err=True)
    if not failed:
        counted = f"{_count(outcome.events, 'event')}, {_count(outcome.workers, 'worker')}"
        typer.echo(f"All is well: {counted}, handlers type-checked.", err=told == "json")
    raise typer.Exit(int(failed))


def _types(place: Project) -> Iterable[Problem]:
    from streamworker_codegen.typecheck import check_types

    return check_types(place)


def _unwritten(place: Project) -> Iterable[Problem]:
    from streamworker_codegen.unwritten import unwritten

    return unwritten(place)


def _changes(place: Project, against: str | None) -> Iterable[Problem]:
    """Nothing, at no cost, where there is nothing to compare with."""
    if against is None and not (place.schemas / "compat.yaml").exists():
        return ()
    from streamworker_codegen.compat.compare import changes

    return changes(place, against)


def _server(place: Project) -> Iterable[Problem]:
    from streamworker_codegen.live.server import server_problems

    return server_problems(place)


@contextmanager
def _watched() -> Iterator[tuple[Hooks, Progress]]:
    """Hooks for a compilation that somebody waits for: the generator in processes of its own, and a line that says how far it is."""
    with GENERATOR as texts, Progress() as progress:

        def starting() -> None:
            texts.start()
            progress.say("reading schemas/")

        yield Hooks(starting, _waiting, texts, progress.told), progress


def _waiting() -> None:
    typer.echo("Another compiler is at work in this project; waiting for it ...", err=True)


def summary(outcome: Outcome) -> str:
    """What was done, for people."""
    if outcome.plan and outcome.plan.changes_files:
        return "\n".join([_done(outcome.plan), *_to_look_at(outcome)])
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


def _to_look_at(outcome: Outcome) -> list[str]:
    lines = [f"  {file} ({', '.join(events)})" for file, events in outcome.affected.items()]
    return ["", "Handlers to look at, since their events changed:", *_cut(lines)] if lines else []


def _listed(plan: Plan) -> list[str]:
    signs = {path: "+" if path in plan.missing else "~" for path in plan.writes} | dict.fromkeys(plan.removes, "-")
    return _cut([f"  {sign} {path}" for path, sign in sorted(signs.items())])


def _cut(lines: list[str]) -> list[str]:
    return [*lines[:_LISTED], f"  and {len(lines) - _LISTED} more"] if len(lines) > _LISTED + 1 else lines


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
