"""What every fault test may ask for: a generated project of its own, and the seed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.faults.project import copy_project, make_project, pipeline

MakeProject: TypeAlias = Callable[..., Path]


@pytest.fixture(scope="session")
def seed() -> int:
    """What is random in these tests comes of it: FAULTS_SEED, else the same every time."""
    return int(os.environ.get("FAULTS_SEED", "1"))


@pytest.fixture(scope="session")
def generated_projects() -> dict[str, Path]:
    return {}


@pytest.fixture
def make(generated_projects: dict[str, Path], tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> MakeProject:
    """`make(replicas=3)`: the folder of a project with such a pipeline, see `pipeline`. Each pipeline is generated once."""

    def make(**options: object) -> Path:
        text = pipeline(**options)  # type: ignore[arg-type]  # the options of `pipeline`, passed on
        if text not in generated_projects:
            generated_projects[text] = make_project(tmp_path_factory.mktemp("project") / "made", text).folder
        return copy_project(generated_projects[text], tmp_path / "project")

    return make
