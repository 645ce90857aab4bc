"""`compat --stored N`: the last messages of each subject whose contract changed, as streams hold them, against the contract as it is now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from streamworker_codegen.contract_json import contract
from streamworker_codegen.documents import Json
from streamworker_codegen.errors import Refused
from streamworker_codegen.graph import Graph, Subject
from streamworker_codegen.live.asking import Answer, ask
from streamworker_codegen.problems import Problem
from streamworker_codegen.project import Project
from streamworker_codegen.registry import Registry
from streamworker_codegen.shapes import read_shapes

_SHOWN: Final = 20  # messages of one subject
_PLACES: Final = 5  # of one message
_MEND: Final = "let the schema take it; or handle it, and remove it, before the new version runs: nats stream rmm {} {}"


def stored_problems(
    project: Project, graph: Graph, registry: Registry, subjects: Iterable[Subject], count: int
) -> list[Problem]:
    """What of the last `count` messages of each of `subjects` the contract refuses; or why the server can't be looked at."""
    looked_at = {each.filter: each for each in subjects}
    wanted: list[Json] = [
        {"stream": each.stream, "subject": each.filter, "event": each.event.name} for each in looked_at.values()
    ]
    with TemporaryDirectory(prefix="streamworker-stored-") as folder:
        bundle = Path(folder) / "contract.json"
        bundle.write_text(contract(graph, read_shapes(graph, registry), registry)[0], "utf-8")
        try:
            answers = ask(project, {"ask": "stored", "contract": str(bundle), "count": count, "wanted": wanted})
        except Refused as refused:
            return [*refused.problems]
    return [problem for each in answers for problem in _problems(each, looked_at[each["wanted"]["subject"]])]


def _problems(answer: Answer, subject: Subject) -> Iterator[Problem]:
    refused, read = answer["refused"], answer["read"]
    yield _summary(subject, read, len(refused))
    for each in refused[-_SHOWN:]:
        yield _refused(subject, each)


def _summary(subject: Subject, read: int, refused: int) -> Problem:
    stored = f"of the last {read:,} message{'' if read == 1 else 's'} on {subject.name} in {subject.stream}"
    told = (
        f"{stored}, {refused:,} {'is' if refused == 1 else 'are'} refused"
        if read
        else f"no message is stored on {subject.name}"
    )
    more = f"; the last {_SHOWN} are shown" if refused > _SHOWN else ""
    return Problem(subject.where, "stored-read", told + more, "", "note")


def _refused(subject: Subject, message: Answer) -> Problem:
    sequence, violations = message["sequence"], message["violations"]
    what = (
        f"message {sequence} of {subject.stream}, on {message['subject']}, is no {subject.event.name} by this contract"
    )
    places = [f"at {each['pointer'] or '(the whole event)'}: {each['expected']}" for each in violations[:_PLACES]]
    more = [f"and {len(violations) - _PLACES} more"] if len(violations) > _PLACES else []
    return Problem(
        subject.event.schema.where,
        "stored-refused",
        what,
        _MEND.format(subject.stream, sequence),
        evidence=(*places, *more),
    )
