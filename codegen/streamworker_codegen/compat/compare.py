"""A project beside what it was: every change of its contract, with a verdict."""

from __future__ import annotations

from collections.abc import Iterable

from streamworker_codegen.compat.acceptance import Acceptance, read_acceptance, settled
from streamworker_codegen.compat.baseline import baseline
from streamworker_codegen.compat.events import Events, Version
from streamworker_codegen.compat.judges import Judges
from streamworker_codegen.compat.topology import topology
from streamworker_codegen.errors import Refused
from streamworker_codegen.graph import Subject
from streamworker_codegen.handler_uses import read_uses
from streamworker_codegen.problems import Position, Problem
from streamworker_codegen.project import Project
from streamworker_codegen.reading import Reading, read_project

TRIES = 200


def compare(
    project: Project, against: str | None = None, *, tries: int = TRIES, stored: int = 0
) -> tuple[Problem, ...]:
    """What changed since `against`, else since what schemas/compat.yaml names. Raises Refused where one of the two can't be read.

    stored: put the last so many messages of each changed subject to the test, too, as they stand on the server; of all subjects, where
    nothing is named to compare with.
    """
    acceptance = read_acceptance(project.schemas)
    chosen = against or acceptance.against
    if chosen is None and not stored:
        raise Refused(_nothing_named())
    new = _version(project)
    if chosen is None:
        return _stored(project, new, new.graph.subjects, stored)
    with baseline(project, chosen) as before:
        old = _version(before, f"in {chosen}")
        compared = compare_versions(old, new, acceptance, tries=tries)
        return (*compared, *(_stored(project, new, Events(old, new, tries).subjects(), stored) if stored else ()))


def _stored(project: Project, new: Version, subjects: Iterable[Subject], count: int) -> tuple[Problem, ...]:
    from streamworker_codegen.live.stored import stored_problems

    return tuple(stored_problems(project, new.graph, new.registry, subjects, count))


def changes(project: Project, against: str | None = None) -> tuple[Problem, ...]:
    """As `compare`, but nothing where nobody names what to compare with."""
    if against is None and read_acceptance(project.schemas).against is None:
        return ()
    return compare(project, against)


def compare_versions(old: Version, new: Version, acceptance: Acceptance, *, tries: int = TRIES) -> tuple[Problem, ...]:
    findings = [*Events(old, new, tries).findings(), *topology(old, new)]
    return tuple(sorted(settled(findings, acceptance)))


def _version(project: Project, which: str = "") -> Version:
    reading = read_project(project)
    if reading.graph is None or reading.failed:
        raise Refused(*_unusable(reading, which))
    uses = read_uses(project, reading.workers)
    return Version(reading.graph, reading.registry, uses, Judges(reading.registry))


def _unusable(reading: Reading, which: str) -> list[Problem]:
    errors = sorted({each for each in reading.problems if each.severity == "error"})
    if not which or not errors:
        return errors
    what = f"nothing to compare with: the contract {which} is not sound: {errors[0].where}: {errors[0].what}"
    return [
        Problem(Position("schemas"), "no-baseline", what, "compare with a version that `streamworker check` accepts")
    ]


def _nothing_named() -> Problem:
    what = "nothing to compare with: neither --against nor `against` in schemas/compat.yaml names it"
    return Problem(Position("schemas"), "no-baseline", what, "streamworker compat --against origin/main")
