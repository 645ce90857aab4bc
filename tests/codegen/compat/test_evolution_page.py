"""docs/evolution.md: each verdict in its tables is the verdict of that case."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamworker_codegen.compat.acceptance import read_acceptance

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/evolution.md").read_text("utf-8")
CASES = ROOT / "tests/golden/compat"
ROWS = re.findall(r"^\| .+ \| (safe|safe \(rolling\)|breaking|not proven) \| ([a-z-]+) \|$", PAGE, re.MULTILINE)


def test_the_page_shows_most_of_the_cases() -> None:
    assert len(ROWS) >= 20


@pytest.mark.parametrize(("verdict", "case"), ROWS, ids=[case for _, case in ROWS])
def test_a_verdict_of_the_page_is_that_of_its_case(verdict: str, case: str) -> None:
    told = (CASES / case / "expected.txt").read_text("utf-8")
    assert re.search(rf": (?:error|note): {re.escape(verdict)}: ", told)


def test_the_file_of_the_page_is_one(tmp_path: Path) -> None:
    (text,) = re.findall(r"```yaml\n(against: .+?)```", PAGE, re.DOTALL)
    (tmp_path / "compat.yaml").write_text(text)
    acceptance = read_acceptance(tmp_path)
    assert acceptance.against == "origin/main"
    assert acceptance.accepted[0].version == "ac5690c62625"
