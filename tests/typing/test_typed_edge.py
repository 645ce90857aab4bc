"""The promise of the typed edge: a handler that does not fit its worker is an error on its decorator's line, which names both types.

In `wrong/` each error stands as `# E: message` above the line that mypy reports it on; there are no others. `right/` is free of errors,
under mypy --strict and pyright strict.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TypeAlias

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
Errors: TypeAlias = dict[str, list[str]]

MISTAKES = ("wrong_input", "wrong_output", "missing_output", "wrong_middleware", "wrong_error")
_REPORTED = re.compile(r"(?P<place>[^:]+:\d+): error: (?P<message>.*)")


@pytest.fixture(scope="module")
def reported() -> Errors:
    """What mypy says of all files, in one run: messages by `file:line`."""
    files = [str(path.relative_to(ROOT)) for path in sorted([*HERE.glob("wrong/*.py"), *HERE.glob("right/*.py")])]
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--show-error-codes", *files]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 1, run.stderr
    errors: Errors = {}
    for line in run.stdout.splitlines():
        if found := _REPORTED.fullmatch(line):
            errors.setdefault(found["place"], []).append(found["message"])
    return errors


def test_each_wrong_line_is_reported_in_these_words(reported: Errors) -> None:
    expected = {place: messages for path in sorted(HERE.glob("wrong/*.py")) for place, messages in pinned(path).items()}
    assert {place: messages for place, messages in reported.items() if "/wrong/" in place} == expected


def test_what_is_bound_wrongly_is_reported_on_its_decorator(reported: Errors) -> None:
    """And names what was given and what was expected."""
    bindings = {place: messages for place, messages in reported.items() if '"WorkerSpec" has' in str(messages)}
    assert len(bindings) > 45
    for place, messages in bindings.items():
        path, number = place.split(":")
        assert (ROOT / path).read_text().splitlines()[int(number) - 1].startswith("@")
        (message,) = messages
        assert re.search(r'has incompatible type ".+"; expected ".+"', message)


@pytest.mark.parametrize("binding", ["handler", "blocking", "lifespan"])
@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_binding_is_tried_with_every_mistake(binding: str, mistake: str) -> None:
    sources = "".join(path.read_text() for path in HERE.glob("wrong/*.py"))
    assert re.search(rf"# E: [^\n]+\n@\w+(\.with_\w+\(.*\))?\.{binding}\n(@\w+\n)?(async )?def {mistake}\(", sources)


@pytest.mark.parametrize("shape", ["one", "maybe", "many", "no_sink", "union_source", "several_sinks", "batch"])
@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_shape_is_tried_with_every_mistake_that_can_be_made(shape: str, mistake: str) -> None:
    source = (HERE / "wrong" / f"{shape}.py").read_text()
    possible = mistake != "missing_output" or shape in ("one", "many", "several_sinks")  # the others need not have one
    assert (
        bool(re.search(rf"# E: [^\n]+\n@{shape}(\.with_\w+\(.*\))?\.handler\nasync def {mistake}\(", source))
        == possible
    )


def test_what_fits_is_not_reported(reported: Errors) -> None:
    assert {place: messages for place, messages in reported.items() if "/right/" in place} == {}


def test_what_fits_is_not_reported_by_pyright() -> None:
    command = [sys.executable, "-m", "pyright", "-p", str(HERE), "--pythonpath", sys.executable]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "0 errors, 0 warnings" in run.stdout, run.stdout + run.stderr


def pinned(path: Path) -> Errors:
    """The messages that stand in a file, by the line that each is above of."""
    errors: Errors = {}
    waiting: list[str] = []
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        text = line.strip()
        if text.startswith("# E: "):
            waiting.append(text.removeprefix("# E: "))
        elif waiting:
            errors[f"{path.relative_to(ROOT)}:{number}"] = waiting
            waiting = []
    return errors
