"""Every kind of change, with the exact words that the user reads.

A case is a folder of tests/golden/compat/: the project as it was in old/, as it is in new/, and expected.txt. After a change of wording,
`STREAMWORKER_ACCEPT=1` writes the words anew; read the difference before you commit it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from streamworker_codegen.compat.compare import compare
from streamworker_codegen.errors import Refused
from streamworker_codegen.problems import Problem
from streamworker_codegen.project import Project
from streamworker_codegen.report import Report

CASES = Path(__file__).parents[2] / "golden" / "compat"


def problems(case: Path) -> tuple[Problem, ...]:
    try:
        return compare(Project(case / "new"), str(case / "old"), tries=100)
    except Refused as refused:
        return refused.problems


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_a_change_is_told_in_these_words(case: Path) -> None:
    text = Report(case / "new").text(problems(case)).replace(str(CASES), "tests/golden/compat") + "\n"
    if os.environ.get("STREAMWORKER_ACCEPT"):
        (case / "expected.txt").write_text(text, "utf-8")
    assert (case / "expected.txt").read_text("utf-8") == text
