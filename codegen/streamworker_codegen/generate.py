"""What `generate` does, step by step; `cli.py` only calls it and prints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from streamworker_codegen.collecting import uncollected
from streamworker_codegen.drift import drift, edited
from streamworker_codegen.errors import Refused
from streamworker_codegen.inputs import is_unchanged
from streamworker_codegen.kept import read_kept, write_kept
from streamworker_codegen.lock import locked
from streamworker_codegen.manifest import Manifest, read_manifest
from streamworker_codegen.models.making import Making, Texts, Told, in_turn, unheard
from streamworker_codegen.plan import MANIFEST, Plan, make_plan
from streamworker_codegen.problems import Problem
from streamworker_codegen.project import Project
from streamworker_codegen.write import write

if TYPE_CHECKING:
    from streamworker_codegen.compile import Compiled

_CONTRACT = "generated/contract.json"
_DIFF_LINES = 40


@dataclass(frozen=True)
class Outcome:
    """plan: what was done, or with `--check` would be; None where nothing had to be compiled, or nothing could be.
    differences: of files that somebody edited, from what they hold to what would be written. affected: the events whose contract has
    changed, by the handler file that takes or returns them."""

    problems: tuple[Problem, ...] = ()
    plan: Plan | None = None
    differences: str = ""
    events: int = 0
    workers: int = 0
    affected: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        return any(problem.severity == "error" for problem in self.problems)


def nothing() -> None:
    """For hooks that a caller leaves out."""


@dataclass(frozen=True)
class Hooks:
    """What a caller brings. starting: called before the long part. waiting: called where another compiler is at work.
    texts, told: as `Making` has them."""

    starting: Callable[[], None] = nothing
    waiting: Callable[[], None] = nothing
    texts: Texts = in_turn
    told: Told = unheard


_NONE: Final = Hooks()


def generate(project: Project, hooks: Hooks = _NONE, *, force: bool = False) -> Outcome:
    """Make generated/ what the schemas say, and a stub for each worker without a handler. Raises CannotWrite.

    force: overwrite what somebody edited.
    """
    with locked(project.root, hooks.waiting):
        try:
            before = read_manifest(project)
        except Refused as refused:
            if not force:
                return Outcome(refused.problems)
            before = Manifest()
        if is_unchanged(project, before):
            return Outcome()
        hooks.starting()
        return _generate(project, before, _making(project, hooks), force=force)


def check_drift(project: Project, hooks: Hooks = _NONE, *, whole: bool = False) -> Outcome:
    """What `generate` would change, as problems. Writes nothing. whole: compile even where nothing has changed, for the warnings."""
    try:
        before = read_manifest(project)
    except Refused as refused:
        return Outcome(refused.problems)
    if not whole and is_unchanged(project, before):
        return Outcome()
    hooks.starting()
    compiled, plan = _compile(project, before, _making(project, hooks))
    if plan is None:
        return Outcome(compiled.problems)
    return _outcome(compiled, plan, (*compiled.problems, *drift(plan)), "")


def _making(project: Project, hooks: Hooks) -> Making:
    return Making(read_kept(project.kept), hooks.texts, hooks.told)


def _generate(project: Project, before: Manifest, making: Making, *, force: bool) -> Outcome:
    compiled, plan = _compile(project, before, making)
    if plan is None:
        return Outcome(compiled.problems)
    if plan.edited and not force:
        return _outcome(compiled, plan, (*compiled.problems, *edited(plan)), _differences(project.root, plan))
    concerned = _affected(project, compiled)
    if plan.changes_files or plan.manifest != before:
        write(project.root, plan)
    write_kept(project.kept, making.kept)
    return replace(_outcome(compiled, plan, compiled.problems, ""), affected=concerned)


def _affected(project: Project, compiled: Compiled) -> Mapping[str, tuple[str, ...]]:
    from streamworker_codegen.affected import affected

    try:
        before = (project.root / _CONTRACT).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return {}  # nothing was generated yet, or it is broken and made anew
    with uncollected():
        return affected(before, compiled.files[_CONTRACT], compiled.users)


def _compile(project: Project, before: Manifest, making: Making) -> tuple[Compiled, Plan | None]:
    """The plan is None where a problem is an error."""
    from streamworker_codegen.compile import compile_project  # loads what an unchanged project does not need

    compiled = compile_project(project, making)
    if compiled.failed:
        return compiled, None
    return compiled, make_plan(project.root, compiled.files, compiled.stubs, before, compiled.manifest)


def _outcome(compiled: Compiled, plan: Plan, problems: tuple[Problem, ...], differences: str) -> Outcome:
    return Outcome(problems, plan, differences, compiled.events, compiled.workers)


def _differences(root: Path, plan: Plan) -> str:
    return "".join(
        _difference(root, path, plan.writes[path]) for path in plan.edited if path in plan.writes and path != MANIFEST
    )


def _difference(root: Path, path: str, text: str) -> str:
    import difflib  # only where somebody edited a file

    found = (root / path).read_text("utf-8", "replace")
    lines = list(
        difflib.unified_diff(found.splitlines(True), text.splitlines(True), f"{path} (edited)", f"{path} (generated)")
    )
    more = [f"... and {len(lines) - _DIFF_LINES} more lines\n"] if len(lines) > _DIFF_LINES else []
    return "".join([*lines[:_DIFF_LINES], *more])
