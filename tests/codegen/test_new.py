"""A new project passes its own checks, its own test, and runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nats
import pytest
from streamworker_codegen.starting.project import Named, is_name, project_files

from tests.servers import NatsServer

STREAMWORKER = (sys.executable, "-m", "streamworker.cli")
WITHIN = 20.0


def streamworker(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*STREAMWORKER, *arguments], cwd=folder, capture_output=True, text=True, check=False)


def test_a_new_project_passes_its_own_checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = streamworker(tmp_path, "new", "my-shop")
    assert made.returncode == 0, made.stderr
    assert made.stderr == ""
    monkeypatch.setenv(
        "MYPY_CACHE_DIR", str(tmp_path.parent.parent / "mypy-cache")
    )  # as test_cli.py has it: mypy is slow without
    checked = streamworker(tmp_path / "my-shop", "check")
    assert (checked.returncode, checked.stdout) == (0, "All is well: 2 events, 1 worker, handlers type-checked.\n")
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], cwd=tmp_path / "my-shop", capture_output=True
    )
    assert tested.returncode == 0, tested.stdout


def test_its_files_are_clean_by_ruff(tmp_path: Path) -> None:
    streamworker(tmp_path, "new", "shop")
    for command in (["check"], ["format", "--check"]):
        subprocess.run([sys.executable, "-m", "ruff", *command, "--no-cache"], cwd=tmp_path / "shop", check=True)


async def test_it_runs_on_a_real_server_and_ends_when_asked(tmp_path: Path) -> None:
    streamworker(tmp_path, "new", "shop")
    server = NatsServer(tmp_path).start()
    environment = {**os.environ, "NATS_URL": server.url}
    process = subprocess.Popen(  # noqa: ASYNC220  # its start is awaited by what it publishes
        [*STREAMWORKER, "run"], cwd=tmp_path / "shop", env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        connection = await nats.connect(server.url)
        greetings = await connection.subscribe("shop.greeting.made.*")
        greeting = await greetings.next_msg(timeout=WITHIN)
        await connection.close()
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=WITHIN)[0].decode()
    finally:
        process.kill()
        server.stop()
    assert b'"text":"Good ' in greeting.data
    assert process.returncode == 0, said


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "mine.txt").write_text("mine")
    said = streamworker(tmp_path, "new", "shop")
    assert said.returncode == 1
    assert "cannot write shop: it is not empty" in said.stderr
    assert [each.name for each in (tmp_path / "shop").iterdir()] == ["mine.txt"]


def test_a_name_that_the_server_could_not_take_is_refused(tmp_path: Path) -> None:
    said = streamworker(tmp_path, "new", "my shop")
    assert said.returncode == 1
    assert "'my shop' is no name of a pipeline: letters, digits, - and _" in said.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["shop", "My_Shop-2"])
def test_no_placeholder_is_left_and_the_pipeline_file_names_its_schema(name: str) -> None:
    assert is_name(name)
    texts = project_files(Named(name))
    assert not [path for path, text in texts.items() if "@pipeline@" in text or "@word@" in text or "@STREAM@" in text]
    assert texts["schemas/pipeline.yaml"].startswith("# yaml-language-server: $schema=pipeline.schema.json\n")
    assert {".gitignore", "README.md", "Makefile", "schemas/pipeline.schema.json"} <= texts.keys()


def test_it_starts_fast(tmp_path: Path) -> None:
    """The help of a command loads none of the compiler."""
    start = time.perf_counter()
    loaded = "import sys; from streamworker_codegen.commands import add, asyncapi, explain, graph, new, schema; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert not {"jinja2", "ruamel.yaml", "jsonschema_rs", "datamodel_code_generator"} & set(done.stdout.split())
    assert time.perf_counter() - start < WITHIN
