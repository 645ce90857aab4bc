"""A question to the runtime about a server, which the runtime reaches as `run` does. Neither program imports the other."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, Final

from streamworker_codegen.documents import Json
from streamworker_codegen.errors import Refused
from streamworker_codegen.problems import Position, Problem
from streamworker_codegen.project import Project

_COMMAND: Final = (sys.executable, "-P", "-m", "streamworker.cli.live")
_MEND: Final = "NATS_URL names the server, with the credentials beside it that `streamworker run` takes"

Answer = Mapping[str, Any]  # the runtime's JSON


def ask(project: Project, question: Mapping[str, Json]) -> list[Answer]:
    """The runtime's answers. Raises Refused where the server, or the project, can't be looked at."""
    body = json.dumps({**question, "project": str(project.root.resolve())})
    run = subprocess.run(_COMMAND, input=body, capture_output=True, text=True, check=False)
    answers: list[Answer] = [json.loads(line) for line in run.stdout.splitlines()]
    if answers and "error" in answers[-1]:
        error = answers[-1]["error"]
        raise Refused(_failed(error["what"], error["mend"] or _MEND))
    if run.returncode:
        last = (run.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise Refused(
            _failed(f"the runtime could not be asked ({last})", "is `streamworker` installed beside the compiler?")
        )
    return answers


def _failed(what: str, mend: str) -> Problem:
    return Problem(Position("schemas/pipeline.yaml"), "live-failed", f"the server was not looked at: {what}", mend)
