"""`schemas/compat.yaml`: what a change is compared with, and the breaking changes that somebody let through, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from streamworker_codegen.compat.verdicts import Finding
from streamworker_codegen.documents import Document, Json
from streamworker_codegen.errors import Refused
from streamworker_codegen.pointers import child
from streamworker_codegen.problems import Position, Problem
from streamworker_codegen.shapes.keywords import mapped
from streamworker_codegen.sources import read_source
from streamworker_codegen.yaml_positions import parse_yaml

NAME: Final = "compat.yaml"
_KEYS: Final = ("name", "change", "version", "reason")


@dataclass(frozen=True)
class Accepted:
    """name: of the event, subject, stream, bucket or worker. change: the code. version: of the change."""

    name: str
    change: str
    version: str
    reason: str
    where: Position


@dataclass(frozen=True)
class Acceptance:
    """against: the folder or git ref to compare with, where none is named."""

    against: str | None = None
    accepted: tuple[Accepted, ...] = ()


def read_acceptance(schemas: Path) -> Acceptance:
    """Empty where there is no such file. Raises Refused."""
    path = schemas / NAME
    if not path.exists():
        return Acceptance()
    document = parse_yaml(read_source(path, f"{schemas.name}/{NAME}"), NAME)
    if document.value is None:
        return Acceptance()
    problems = list(_problems(document))
    if problems:
        raise Refused(*problems)
    value = mapped(document.value)
    entries = value.get("accepted")
    against = value.get("against")
    accepted = [
        _accepted(mapped(each), document.where(child("", "accepted", index)))
        for index, each in enumerate(entries if isinstance(entries, list) else [])
    ]
    return Acceptance(against if isinstance(against, str) else None, tuple(accepted))


def _accepted(entry: dict[str, Json], where: Position) -> Accepted:
    name, change, bound, reason = (str(entry[key]) for key in _KEYS)
    return Accepted(name, change, bound, reason, where)


def settled(findings: Iterable[Finding], acceptance: Acceptance) -> Iterator[Problem]:
    """What is left to report: what was let through as notes, and reasons that no change needs any more."""
    used: set[Accepted] = set()
    for finding in findings:
        reason = None if finding.passes else _reason(finding, acceptance.accepted)
        used |= {reason} if reason else set()
        yield from _told(finding, reason)
    for each in acceptance.accepted:
        if each not in used:
            what = f"nothing that breaks needs the reason for {each.name} any more"
            yield Problem(each.where, "compat-reason-idle", what, "remove the entry", "warning")


def _reason(finding: Finding, accepted: Iterable[Accepted]) -> Accepted | None:
    same = [each for each in accepted if (each.name, each.change) == (finding.name, finding.code)]
    return next((each for each in same if each.version == finding.version), same[0] if same else None)


def _told(finding: Finding, reason: Accepted | None) -> Iterator[Problem]:
    problem = finding.problem()
    if finding.passes:
        yield problem
    elif reason and reason.version == finding.version:
        what = f"{problem.what}; let through: {reason.reason}"
        yield Problem(problem.where, problem.code, what, "", "note")
    else:
        expired = f"; the reason at {reason.where} was given for {reason.version}, and has expired" if reason else ""
        evidence = (*problem.evidence, f"accept:  {entry(finding)}")
        mend = f"{problem.mend}; or let it through: that line under `accepted` in schemas/compat.yaml{expired}"
        yield Problem(problem.where, problem.code, problem.what, mend, problem.severity, evidence)


def entry(finding: Finding) -> str:
    """The line for `accepted:` that lets a change through."""
    return (
        f"- {{name: {_quoted(finding.name)}, change: {finding.code}, version: {_quoted(finding.version)}, reason: ...}}"
    )


def _quoted(text: str) -> str:
    return f'"{text}"' if not text.isidentifier() else text


def _problems(document: Document) -> Iterator[Problem]:
    value = document.value
    if not isinstance(value, dict) or not value.keys() <= {"against", "accepted"}:
        yield _wrong(document, "", "the file holds `against` and `accepted`, and nothing else")
        return
    if not isinstance(value.get("against", ""), str):
        yield _wrong(document, "/against", "`against` is a git ref or a folder")
    entries = value.get("accepted") or []
    if not isinstance(entries, list):
        yield _wrong(document, "/accepted", "`accepted` is a list")
        return
    for index, each in enumerate(entries):
        held = mapped(each)
        if held.keys() != set(_KEYS) or not all(isinstance(held[key], str) and str(held[key]).strip() for key in _KEYS):
            yield _wrong(
                document,
                child("", "accepted", index),
                "an entry has `name`, `change`, `version` and `reason`, all texts",
            )


def _wrong(document: Document, pointer: str, what: str) -> Problem:
    mend = 'accepted: [{name: OrderPlaced, change: compat-stored, version: "0123456789ab", reason: why nobody is hurt}]'
    return Problem(document.where(pointer), "compat-file", what, mend)
