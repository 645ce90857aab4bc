"""Problems for programs: lines of JSON, and the annotations that GitHub shows beside a change."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from streamworker_codegen.problems import Problem, Severity

_LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "note": "notice"}


def json_lines(problems: Iterable[Problem]) -> str:
    """An object for each problem: code, severity, file (relative to the project), line and column (from 1), what, mend; of
    some, evidence, a list of lines.

    These fields stay; others may come.
    """
    return "\n".join(json.dumps(_object(problem), ensure_ascii=False) for problem in problems)


def github_annotations(problems: Iterable[Problem], root: Path) -> str:
    """Workflow commands (https://docs.github.com/actions/reference/workflow-commands), with paths from the repository's root."""
    workspace = Path(os.environ.get("GITHUB_WORKSPACE") or Path()).resolve()
    folder = root.resolve()
    below = folder.relative_to(workspace) if folder.is_relative_to(workspace) else Path()
    return "\n".join(_annotation(problem, below) for problem in problems)


def _object(problem: Problem) -> dict[str, str | int | tuple[str, ...]]:
    where = problem.where
    place: dict[str, str | int] = {"file": where.file, "line": where.line, "column": where.column}
    shown = {"evidence": problem.evidence} if problem.evidence else {}
    told = {"code": problem.code, "severity": problem.severity, **place, "what": problem.what, "mend": problem.mend}
    return {**told, **shown}


def _annotation(problem: Problem, below: Path) -> str:
    where = problem.where
    properties = {
        "file": (below / where.file).as_posix(),
        "line": str(where.line),
        "col": str(where.column),
        "title": problem.code,
    }
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    told = _data("\n".join([problem.what, *problem.evidence, problem.mend]))
    return f"::{_LEVELS[problem.severity]} {listed}::{told}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
