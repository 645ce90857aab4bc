"""Every kind of wrong input, with the exact words that the user reads.

A case is a folder of tests/golden/errors/: a project, and expected.txt. After a change of wording, `STREAMWORKER_ACCEPT=1` writes the
words anew; read the difference before you commit it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from streamworker_codegen.compile import compile_project
from streamworker_codegen.project import Project
from streamworker_codegen.report import Report

CASES = Path(__file__).parent.parent / "golden" / "errors"


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_wrong_input_is_told_in_these_words(case: Path) -> None:
    text = Report(case).text(compile_project(Project(case)).problems) + "\n"
    if os.environ.get("STREAMWORKER_ACCEPT"):
        (case / "expected.txt").write_text(text, "utf-8")
    assert (case / "expected.txt").read_text("utf-8") == text
