"""The generator in processes of its own makes what it makes here, and leaves none behind."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from streamworker_codegen.documents import Json
from streamworker_codegen.models.generate import _TEMPLATES
from streamworker_codegen.models.generator import Job
from streamworker_codegen.models.making import in_turn
from streamworker_codegen.models.processes import Processes
from streamworker_codegen.project import Project

from tests.codegen.orders import command, event, put, write_orders

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def job(number: int, **more: Json) -> Job:
    fields: Json = {"field0": {"type": "string"}, "field1": {"type": "array", "items": {"type": "integer"}}}
    schema: Json = {"type": "object", "properties": fields, "required": ["field0"], **more}
    told: dict[str, Json] = {"name": f"Placed{number}", "keywords": "", "docstring": [], "documented": {}, "rest": ""}
    document: dict[str, Json] = {"$schema": DIALECT, "$defs": {"Definition0": schema}}
    return Job(document, "streamworker.contract.Part", {}, {"Definition0": told}, str(_TEMPLATES))


def test_texts_come_in_the_order_of_their_jobs_and_are_those_of_this_process() -> None:
    jobs = [job(number) for number in range(5)]
    with Processes() as texts:
        texts.start()
        assert list(texts(jobs)) == list(in_turn(jobs))


def test_where_the_generator_fails_it_is_said_and_no_process_is_left(capfd: pytest.CaptureFixture[str]) -> None:
    broken = Job({"$defs": {}}, "", {}, {}, "/nowhere")
    with Processes() as texts, pytest.raises(RuntimeError, match="datamodel-code-generator failed"):
        list(texts([broken, job(1), broken]))
    assert "Traceback" in capfd.readouterr().err
    assert all(each.returncode is not None for each in texts._running)


def test_whoever_stops_listening_ends_the_processes() -> None:
    with Processes() as texts:
        answers = texts([job(number) for number in range(20)])
        next(iter(answers))
    assert all(each.returncode is not None for each in texts._running)


@pytest.fixture
def large(tmp_path: Path) -> Project:
    project = write_orders(tmp_path)
    subjects = [f"  orders.many{at}.{{id}}: events/orders/many{at}.schema.json" for at in range(300)]
    text = (
        (project.schemas / "pipeline.yaml").read_text("utf-8").replace("workers:", "\n".join([*subjects, "workers:"]))
    )
    put(project.root, "schemas/pipeline.yaml", text)
    for at in range(300):
        put(project.root, f"schemas/events/orders/many{at}.schema.json", event(f"Many{at}"))
    return project


def test_a_terminal_is_told_how_far_it_is_and_left_clean(large: Project) -> None:
    ours, theirs = pty.openpty()
    run = subprocess.Popen(command(large, "generate"), stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    said = b""
    with suppress(OSError):  # as soon as the other end is closed
        while True:
            said += os.read(ours, 65536)
    os.close(ours)
    assert run.wait() == 0
    assert b"\r\x1b[Kreading schemas/ ..." in said
    assert b"making classes: 302 of 302 ..." in said
    assert b" ..." not in said.split(b"\r\x1b[K")[-1]


def test_ctrl_c_ends_it_at_once_and_what_it_started(large: Project) -> None:
    run = subprocess.Popen(command(large, "generate"), stderr=subprocess.PIPE, text=True)
    helper = _await_child(run.pid)
    run.send_signal(signal.SIGINT)
    _, said = run.communicate(timeout=10)
    assert said.startswith("Interrupted."), said
    assert run.returncode in (130, -signal.SIGINT)  # the latter is Python's way, where it was within an exec()
    _until(lambda: not Path(f"/proc/{helper}").exists())


def _await_child(pid: int) -> int:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    _until(lambda: bool(children.read_text()))
    return int(children.read_text().split()[0])


def _until(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_where_nothing_was_generated_yet_the_generator_loads_before_the_options_are_read(tmp_path: Path) -> None:
    project = write_orders(tmp_path)
    code = "import sys; from streamworker.cli.commands import begin; begin(sys.argv[1]); "
    code += "from streamworker_codegen.early import GENERATOR; print(len(GENERATOR._running), 'typer' in sys.modules)"

    def started(name: str) -> str:
        return subprocess.check_output([sys.executable, "-c", code, name], cwd=project.root, text=True)

    assert (started("generate"), started("check"), started("graph")) == ("1 False\n", "1 False\n", "0 False\n")
    put(project.root, "generated/manifest.json", "{}")
    assert started("generate") == "0 False\n"


def test_a_command_that_ends_before_it_has_begun_leaves_no_generator_behind(tmp_path: Path) -> None:
    project = write_orders(tmp_path)
    code = "from streamworker_codegen.early import GENERATOR, load_generator; load_generator(); print(GENERATOR._running[0].pid)"
    helper = int(subprocess.check_output([sys.executable, "-c", code], cwd=project.root, text=True))
    assert not Path(f"/proc/{helper}").exists()
