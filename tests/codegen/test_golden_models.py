"""Schemas of tests/golden/generate/<case>/schemas become exactly what lies in <case>/expected. UPDATE_GOLDEN=1 writes it anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.codegen.projects import render_events

CASES = Path(__file__).parent.parent / "golden" / "generate"


def generated(case: Path) -> dict[str, str]:
    """The event modules, and a report: what was said of the schemas, which models are sound and what the others leave."""
    rendered = render_events(case)
    report = [str(problem) for problem in rendered.problems]
    for name, key in sorted(rendered.shapes.events.items()):
        closure = rendered.shapes.closure(key)
        losses = [
            f"    {loss.place.document.path}#{loss.place.pointer} {loss.keyword}"
            for each in closure
            for loss in each.losses
        ]
        report += [f"{name}: {'not ' * (not rendered.shapes.sound(key))}sound", *losses]
    modules = {path: text for path, text in rendered.files.items() if path.startswith("events/")}
    return {**modules, "report.txt": "\n".join(report) + "\n"}


@pytest.mark.parametrize("case", sorted(each.name for each in CASES.iterdir()))
def test_writes_what_is_expected(case: str) -> None:
    expected = CASES / case / "expected"
    found = generated(CASES / case)
    if os.environ.get("UPDATE_GOLDEN"):
        for path, text in found.items():
            (expected / path).parent.mkdir(parents=True, exist_ok=True)
            (expected / path).write_text(text)
    assert found == {file.relative_to(expected).as_posix(): file.read_text() for file in expected.rglob("*.*")}
