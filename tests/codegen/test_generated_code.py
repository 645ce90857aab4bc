"""Generated code is what a careful hand would write: ruff has nothing to say of it, mypy --strict and pyright strict take it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.codegen.test_golden_models import CASES
from tests.codegen.test_golden_pipeline import EXPECTED

ROOT = Path(__file__).parents[2]
SETTINGS = ROOT / "pyproject.toml"

NARROWING = """\
from typing import assert_never, assert_type

from generated.events import DrawnOutcome, DrawnOutcomeCanceled, DrawnOutcomeFinished, DrawnOutcomeIoError, Shape


def matched(outcome: DrawnOutcome) -> int | str | None:
    match outcome:
        case DrawnOutcomeFinished():
            return outcome.duration_ms
        case DrawnOutcomeIoError():
            return outcome.message
        case DrawnOutcomeCanceled():
            return None
        case _:
            assert_never(outcome)


def compared(shape: Shape) -> int | float:
    if shape.kind == "circle":
        return shape.radius
    return shape.side


made = DrawnOutcomeFinished(kind="finished", duration_ms=1)
assert_type(made.duration_ms, int)
"""


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every golden output, each as a project of its own with the package `generated`."""
    folder = tmp_path_factory.mktemp("projects")
    for case in CASES.iterdir():
        shutil.copytree(case / "expected" / "events", folder / case.name / "generated" / "events")
        (folder / case.name / "generated" / "__init__.py").touch()
    shutil.copytree(EXPECTED, folder / "shop")
    # The one worker of the shop whose handler is bound elsewhere than in its stub.
    (folder / "shop/handlers/billing").mkdir()
    stub = (folder / "shop/handlers/biller.py").read_text()
    (folder / "shop/handlers/billing/invoices.py").write_text(stub.replace("async def handle", "async def bill"))
    (folder / "unions" / "narrowing.py").write_text(NARROWING)
    return folder


@pytest.mark.parametrize(
    "command", [["check", "--no-cache"], ["format", "--no-cache", "--diff"]], ids=["check", "format"]
)
def test_ruff_has_nothing_to_say(projects: Path, command: list[str]) -> None:
    for project in projects.iterdir():
        run = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--config", str(SETTINGS), "."],
            cwd=project,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("project", [*sorted(case.name for case in CASES.iterdir()), "shop"])
def test_mypy_strict_takes_it(projects: Path, project: str) -> None:
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--explicit-package-bases",
            "--cache-dir",
            str(projects / ".mypy"),
            ".",
        ],
        cwd=projects / project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout


def test_pyright_strict_takes_it(projects: Path) -> None:
    settings = {
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
        "include": ["generated", "handlers", "narrowing.py"],
    }
    for project in ("unions", "cycles", "scalars", "shop"):
        (projects / project / "pyrightconfig.json").write_text(json.dumps(settings))
        run = subprocess.run(
            [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "-p", "."],
            cwd=projects / project,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stdout
