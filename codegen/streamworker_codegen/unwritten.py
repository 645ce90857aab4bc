"""Stubs that nobody has filled in: their types are right, and at the first event their worker stops."""

from __future__ import annotations

import ast
from pathlib import Path

from streamworker_codegen.errors import Refused
from streamworker_codegen.problems import Position, Problem
from streamworker_codegen.project import Project
from streamworker_codegen.sources import read_source

_MARK = "unwritten"


def unwritten(project: Project) -> list[Problem]:
    """A warning for each handler that still says it is a stub, at the first place that does. What is no Python is passed over: mypy says so."""
    handlers = [(path, f"{project.handlers.name}/{path.name}") for path in sorted(project.handlers.glob("*.py"))]
    return [_problem(file, marks[0]) for path, file in handlers if (marks := _marks(path, file))]


def _marks(path: Path, file: str) -> list[ast.Attribute]:
    try:
        tree = ast.parse(read_source(path, file).text)
    except (Refused, SyntaxError, ValueError, RecursionError):
        return []
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == _MARK]
    return sorted(found, key=lambda each: (each.lineno, each.col_offset))


def _problem(file: str, mark: ast.Attribute) -> Problem:
    return Problem(
        Position(file, mark.lineno, mark.col_offset + 1),
        "unwritten-handler",
        "still a stub: its worker stops at the first event, and gives that back",
        "write what is to become of an event, and return what is to be published",
        "warning",
    )
