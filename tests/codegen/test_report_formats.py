"""Problems as programs read them: JSON lines, and GitHub's annotations."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from streamworker_codegen.problems import Position, Problem
from streamworker_codegen.report_formats import github_annotations, json_lines

ROOT = Path(__file__).parent.parent.parent
BROKEN = ROOT / "tests/golden/errors/tokens"
PROBLEM = Problem(Position("schemas/pipeline.yaml", 3, 5), "mypy: arg-type", "100% wrong:\nreally", "mend, it", "note")


def streamworker(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
    command = [sys.executable, "-m", "tests.codegen.command", *arguments, "--project", str(BROKEN)]
    surroundings = {**kept, **environment}
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=surroundings)


def test_json_is_a_line_for_each_problem_with_fields_that_stay() -> None:
    (line,) = json_lines([PROBLEM]).splitlines()
    assert json.loads(line) == {
        "code": "mypy: arg-type",
        "severity": "note",
        "file": "schemas/pipeline.yaml",
        "line": 3,
        "column": 5,
        "what": "100% wrong:\nreally",
        "mend": "mend, it",
    }


def test_annotations_are_escaped_and_their_paths_begin_at_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    assert github_annotations([PROBLEM], tmp_path / "services" / "shop") == (
        "::notice file=services/shop/schemas/pipeline.yaml,line=3,col=5,title=mypy%3A arg-type::"
        "100%25 wrong:%0Areally%0Amend, it"
    )


@pytest.mark.parametrize("command", ["generate", "check"])
def test_json_goes_to_standard_output_and_nothing_else_does(command: str) -> None:
    done = streamworker(command, "--json")
    assert done.returncode == 1
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert {each["code"] for each in found} >= {"token-unknown", "token-optional"}


def test_annotations_come_by_themselves_on_github_beside_the_text() -> None:
    done = streamworker("check", GITHUB_ACTIONS="true")
    assert done.stdout.startswith("::error file=tests/golden/errors/tokens/schemas/pipeline.yaml,line=")
    assert "[token-unknown]" in done.stderr
    assert streamworker("check", "--format", "text", GITHUB_ACTIONS="true").stdout == ""
