"""Wheels and environments are made once for all tests of this folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.packaging.wheels import Environment, build


@dataclass(frozen=True)
class Wheels:
    runtime: Path
    compiler: Path


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Wheels:
    folder = tmp_path_factory.mktemp("wheels")
    return Wheels(build(folder, "runtime"), build(folder, "codegen"))


@pytest.fixture(scope="session")
def both(wheels: Wheels, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment of a developer: the runtime and the compiler."""
    return Environment(tmp_path_factory.mktemp("both"), [(wheels.runtime, ()), (wheels.compiler, ())])


@pytest.fixture(scope="session")
def runtime_alone(wheels: Wheels, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment of an image in production."""
    return Environment(tmp_path_factory.mktemp("runtime"), [(wheels.runtime, ())])
