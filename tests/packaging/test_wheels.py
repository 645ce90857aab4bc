"""What the two wheels hold and say of themselves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.packaging.conftest import Wheels
from tests.packaging.wheels import ROOT, Environment, metadata, names

PACKAGES = (("runtime", "streamworker"), ("codegen", "streamworker_codegen"))


@pytest.fixture(params=PACKAGES, ids=lambda it: it[1])
def package(request: pytest.FixtureRequest, wheels: Wheels) -> tuple[Path, str, Path]:
    """A package's folder in the repository, its import name, its wheel."""
    folder, name = request.param
    return ROOT / folder, name, wheels.runtime if folder == "runtime" else wheels.compiler


def test_a_wheel_holds_its_package_whole_and_nothing_else(package: tuple[Path, str, Path]) -> None:
    folder, name, wheel = package
    source = {
        str(path.relative_to(folder))
        for path in (folder / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    held = set(names(wheel))
    information = {path for path in held if ".dist-info/" in path}

    assert held - information == source
    assert f"{name}/py.typed" in held
    assert {path.split("/")[0] for path in held - information} == {name}


def test_the_compiler_brings_its_templates_and_the_schema_of_the_pipeline_file(wheels: Wheels) -> None:
    held = names(wheels.compiler)

    assert "streamworker_codegen/pipeline.schema.json" in held
    assert "streamworker_codegen/templates/workers.py.jinja2" in held
    assert "streamworker_codegen/templates/models/pydantic_v2/BaseModel.jinja2" in held


def test_a_wheel_says_what_it_is_under_which_licence_and_names_no_address(package: tuple[Path, str, Path]) -> None:
    folder, name, wheel = package
    said = metadata(wheel)

    assert f"Name: {name.replace('_', '-')}" in said
    assert "License-Expression: Apache-2.0" in said
    assert "Requires-Python: >=3.11" in said
    assert any(re.fullmatch(r"Summary: \w.{20,}", line) for line in said)
    assert not [line for line in said if "://" in line]
    assert (folder / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()
    assert f"{name}-{version()}.dist-info/licenses/LICENSE" in names(wheel)


def version() -> str:
    return (ROOT / "VERSION").read_text().strip()


def test_the_version_stands_in_one_place(package: tuple[Path, str, Path], both: Environment, tmp_path: Path) -> None:
    folder, _, wheel = package

    assert f"Version: {version()}" in metadata(wheel)
    assert version() not in re.sub(r">=\S+|==\S+", "", (folder / "pyproject.toml").read_text())
    assert both.run("streamworker", "version", cwd=tmp_path).stdout.startswith(f"streamworker {version()} ")


def test_neither_needs_the_other(wheels: Wheels) -> None:
    for wheel in (wheels.runtime, wheels.compiler):
        assert not [line for line in metadata(wheel) if re.match("Requires-Dist: streamworker", line)]


def test_without_the_compiler_its_commands_say_what_to_install(runtime_alone: Environment, tmp_path: Path) -> None:
    for command in ("generate", "check"):
        done = runtime_alone.run("streamworker", command, cwd=tmp_path)

        assert done.returncode == 2
        assert done.stderr == (
            f"error: the compiler is not installed here, and `{command}` is a command of it\n"
            "  pip install streamworker-codegen\n"
        )
        assert list(tmp_path.iterdir()) == []


def test_without_the_runtime_the_compiler_has_no_command(wheels: Wheels, tmp_path: Path) -> None:
    """One command, `streamworker`: the runtime brings it, and the compiler adds to it."""
    alone = Environment(tmp_path / "compiler", [(wheels.compiler, ())])

    assert not (alone.bin / "streamworker").exists()
    assert alone.run("python", "-c", "import streamworker_codegen.cli", cwd=tmp_path).returncode == 0
