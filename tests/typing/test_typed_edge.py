"""The promise of the typed edge: a handler that does not fit its worker is an error on its decorator's line, which names both types.

In `wrong/` each error stands as `# E: message` above the line that mypy reports it on; there are no others. Where a note under it names
the types, that stands as `# N: note`. `right/` is free of errors, under mypy --strict and pyright strict, as is
the reference pipeline.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
Said: TypeAlias = dict[str, list[str]]

MISTAKES = ("wrong_input", "wrong_output", "missing_output", "wrong_middleware", "wrong_error")
_SAID = re.compile(r"(?P<place>[^:]+:\d+): (?P<kind>error|note): +(?P<message>.*)")


@dataclass(frozen=True)
class Report:
    """What is said, by `file:line`."""

    errors: Said = field(default_factory=lambda: defaultdict(list))
    notes: Said = field(default_factory=lambda: defaultdict(list))


@pytest.fixture(scope="module")
def report() -> Report:
    """What mypy says of all files, in one run."""
    files = [str(path.relative_to(ROOT)) for path in sorted([*HERE.glob("wrong/*.py"), *HERE.glob("right/*.py")])]
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--show-error-codes", *files]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 1, run.stderr
    found = Report()
    for line in run.stdout.splitlines():
        if said := _SAID.fullmatch(line):
            kind = found.errors if said["kind"] == "error" else found.notes
            kind[said["place"]].append(said["message"])
    return found


@pytest.fixture(scope="module")
def pinned() -> Report:
    """What stands in the wrong files, each by the line that it is above of."""
    found = Report()
    for path in HERE.glob("wrong/*.py"):
        errors: list[str] = []
        notes: list[str] = []
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            kind, _, text = line.strip().partition(": ")
            if kind == "# E":
                errors.append(text)
            elif kind == "# N":
                notes.append(text)
            elif errors:
                place = f"{path.relative_to(ROOT)}:{number}"
                found.errors[place], found.notes[place] = errors, notes
                errors, notes = [], []
    return found


def test_each_wrong_line_is_reported_in_these_words(report: Report, pinned: Report) -> None:
    assert {place: messages for place, messages in report.errors.items() if "/wrong/" in place} == pinned.errors
    for place, notes in pinned.notes.items():
        assert set(notes) <= set(report.notes.get(place, ()))


def test_what_is_bound_wrongly_is_reported_on_its_decorator(report: Report) -> None:
    """And names what was given and what was expected."""
    bindings = {place: messages for place, messages in report.errors.items() if '"WorkerSpec" has' in str(messages)}
    assert len(bindings) > 45
    for place, messages in bindings.items():
        path, number = place.split(":")
        assert (ROOT / path).read_text().splitlines()[int(number) - 1].startswith("@")
        (message,) = messages
        assert re.search(r'has incompatible type ".+"; expected ".+"', message)


@pytest.mark.parametrize("binding", ["handler", "blocking", "lifespan"])
@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_binding_is_tried_with_every_mistake(binding: str, mistake: str) -> None:
    assert any(is_pinned(path, r"\w+", binding, mistake) for path in HERE.glob("wrong/*.py"))


@pytest.mark.parametrize("shape", ["one", "maybe", "many", "no_sink", "union_source", "several_sinks", "batch"])
@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_shape_is_tried_with_every_mistake_that_can_be_made(shape: str, mistake: str) -> None:
    needs_no_output = shape in ("maybe", "no_sink", "union_source")
    possible = not (mistake == "missing_output" and needs_no_output)
    assert is_pinned(HERE / "wrong" / f"{shape}.py", rf"{shape}\w*", "handler", mistake) == possible


def is_pinned(path: Path, spec: str, binding: str, mistake: str) -> bool:
    """Whether a file has a function of that name, bound so, whose decorator stands under an error."""
    decorators = rf"@{spec}(\.with_\w+\(.*\))?\.{binding}\n(@asynccontextmanager\n)?"
    function = rf"(async )?def {mistake}\("
    return bool(re.search(rf"# E: .+\n(# N: .+\n)*{decorators}{function}", path.read_text()))


def test_what_fits_is_not_reported(report: Report) -> None:
    assert {place: messages for place, messages in report.errors.items() if "/right/" in place} == {}


def test_what_fits_is_not_reported_by_pyright_nor_is_the_reference_pipeline() -> None:
    command = [sys.executable, "-m", "pyright", "-p", str(HERE), "--pythonpath", sys.executable]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "0 errors, 0 warnings" in run.stdout, run.stdout + run.stderr
