"""`check --live`: what is on the server, against the pipeline file. One problem for each difference."""

from __future__ import annotations

from typing import Final

from streamworker_codegen.errors import Refused
from streamworker_codegen.live.asking import Answer, ask
from streamworker_codegen.nodes import Node
from streamworker_codegen.pipeline_file import load_pipeline
from streamworker_codegen.problems import Position, Problem, Severity
from streamworker_codegen.project import Project

_SECTIONS: Final = {
    "stream": "streams",
    "bucket": "buckets",
    "object store": "buckets",
    "worker": "workers",
    "ingest": "ingest",
}


def server_problems(project: Project) -> list[Problem]:
    """Streams, buckets and consumers that are missing, differ, are refused, or are left over; or why the server can't be looked at."""
    root = load_pipeline(project.schemas).root
    try:
        return sorted(_problem(each, root) for each in ask(project, {"ask": "survey"}))
    except Refused as refused:
        return [*refused.problems]


def _problem(answer: Answer, root: Node | None) -> Problem:
    severity: Severity
    match answer["kind"]:  # the runtime's words: see its engine/survey.py
        case "missing":
            code, severity = "live-missing", "note"
        case "update":
            code, severity = "live-update", "note"
        case "left-over":
            code, severity = "live-left-over", "warning"
        case "skipped":
            code, severity = "live-skipped", "error"
        case _:
            code, severity = "live-refused", "error"
    return Problem(_where(answer["part"], root), code, f"{answer['part']}: {answer['what']}", answer["mend"], severity)


def _where(part: str, root: Node | None) -> Position:
    """Where the file declares it; its beginning, for what the runtime makes for itself."""
    kind, _, name = part.rpartition(" ")
    if root is not None and kind in _SECTIONS and name in root[_SECTIONS[kind]]:
        return root[_SECTIONS[kind]][name].key_where
    return Position("schemas/pipeline.yaml")
