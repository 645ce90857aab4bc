"""mypy --strict over the handlers: the proof that each takes and returns what its subjects carry."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

from streamworker_codegen.problems import Position, Problem, Severity
from streamworker_codegen.project import Project

_FLAGS = (
    "--strict",
    "--disallow-any-explicit",
    "--explicit-package-bases",
    "--show-column-numbers",
    "--no-error-summary",
    "--no-pretty",
    "--output=json",
)
_TYPED = ("handlers/", "generated/")
# An `Any` in these would let a wrong handler through.
_WITHOUT_ANY = ("handlers/", "generated/pipeline.py")
_FOUND_ERRORS = (0, 1)


def check_types(project: Project) -> list[Problem]:
    """What mypy says of `handlers/` and `generated/`, with the project's own settings and --strict."""
    handlers = ["handlers"] if any(project.handlers.rglob("*.py")) else []
    command = [sys.executable, "-m", "mypy", *_FLAGS, "generated/pipeline.py", *handlers]
    paths = [str(project.import_root), *filter(None, [os.environ.get("MYPYPATH")])]
    environment = {**os.environ, "MYPYPATH": os.pathsep.join(paths)}
    run = subprocess.run(command, cwd=project.root, env=environment, capture_output=True, text=True, check=False)
    if run.returncode not in _FOUND_ERRORS:
        return [_failed(run.stderr or run.stdout)]
    return list(_problems(run.stdout))


def _problems(output: str) -> Iterator[Problem]:
    for line in output.splitlines():
        found = json.loads(line)
        file, code = str(found["file"]), str(found["code"])
        if file.startswith(_TYPED) and (code != "explicit-any" or file.startswith(_WITHOUT_ANY)):
            severity: Severity = "error" if found["severity"] == "error" else "note"
            where = Position(file, max(found["line"], 1), max(found["column"], 0) + 1)
            yield Problem(where, f"mypy: {code}", found["message"], found["hint"] or _mend(code), severity)


def _mend(code: str) -> str:
    if code == "explicit-any":
        return "an Any hides what the subject carries: name the type"
    return "mend the handler; what it takes and returns is said by generated/workers.py"


def _failed(output: str) -> Problem:
    lines = output.strip().splitlines()
    what = f"mypy could not run: {lines[-1] if lines else 'it said nothing'}"
    return Problem(Position("handlers"), "mypy-failed", what, "run `python -m mypy --strict handlers` to see more")
