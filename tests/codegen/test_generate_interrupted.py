"""Whatever stops generate in the middle leaves nothing half-written."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from streamworker_codegen.errors import CannotWrite
from streamworker_codegen.generate import nothing
from streamworker_codegen.lock import locked
from streamworker_codegen.project import Project
from streamworker_codegen.terminal import guarded

from tests.codegen.orders import check, command, event, put, run, tree, write_orders

BIG = 60


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return write_orders(tmp_path)


@pytest.fixture
def big(tmp_path: Path) -> Project:
    """So many files that they are flushed at once."""
    lines = [f"  many.e{number}.{{id}}: events/many/e{number}.schema.json" for number in range(BIG)]
    put(
        tmp_path,
        "schemas/pipeline.yaml",
        'pipeline: big\nstreams:\n  MANY: {subjects: ["many.>"]}\nsubjects:\n' + "\n".join(lines) + "\n",
    )
    for number in range(BIG):
        put(tmp_path, f"schemas/events/many/e{number}.schema.json", event(f"Event{number}"))
    return Project(tmp_path)


def test_a_full_disk_changes_nothing(project: Project) -> None:
    run(project)
    before = tree(project.root)
    put(project.root, "schemas/events/orders/placed.schema.json", event("OrderPlaced", note={"type": "string"}))

    def small_disk() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    done = subprocess.run(
        command(project, "generate"), capture_output=True, text=True, check=False, preexec_fn=small_disk
    )
    assert done.returncode == 1
    assert "cannot write generated/" in done.stderr
    assert "  nothing was left half-written: mend that, and run it again\n" in done.stderr
    assert tree(project.root) == before


def _without_the_power_of_root() -> None:
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE: permissions count for root as well


@pytest.fixture
def read_only(project: Project) -> Iterator[Project]:
    project.root.chmod(0o555)
    yield project
    project.root.chmod(0o755)


def test_a_read_only_folder_is_told_and_nothing_is_left(read_only: Project) -> None:
    done = subprocess.run(
        command(read_only, "generate"),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=_without_the_power_of_root,
    )
    assert done.returncode == 1
    assert "cannot write generated" in done.stderr
    assert "Permission denied" in done.stderr
    assert tree(read_only.root) == {}


def test_an_interrupt_while_files_are_prepared_changes_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(project)
    before = tree(project.root)
    put(project.root, "schemas/events/orders/placed.schema.json", event("OrderPlaced", note={"type": "string"}))

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(project)
    assert tree(project.root) == before


@pytest.mark.parametrize("after", [1, 2, 3, 4])
def test_a_process_that_is_killed_between_files_leaves_whole_ones_and_the_next_run_finishes(
    project: Project, after: int
) -> None:
    run(project)
    put(project.root, "schemas/events/orders/placed.schema.json", event("OrderPlaced", note={"type": "string"}))
    script = (
        "import os, sys; from pathlib import Path\n"
        "from streamworker_codegen.generate import generate\n"
        "from streamworker_codegen.project import Project\n"
        "left, replace = int(sys.argv[2]), Path.replace\n"
        "def killed(path, target):\n"
        "    global left\n"
        "    left -= 1\n"
        "    return replace(path, target) if left >= 0 else os._exit(9)\n"
        "Path.replace = killed\n"
        "generate(Project(Path(sys.argv[1])))\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(project.root), str(after)], check=False)
    assert done.returncode == 9
    assert not run(project).failed
    assert check(project) == []
    assert not [path for path in tree(project.root) if path.endswith(".streamworker-new")]


def test_ctrl_c_in_the_middle_leaves_nothing_half_written(big: Project) -> None:
    """A real signal, while all files stand beside their places and the disk takes its time."""
    script = "import os, time; os.sync = lambda: time.sleep(60)\nfrom tests.codegen.command import app; app()()"
    command = [sys.executable, "-c", script, "generate", "--project", str(big.root)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while (
        len(list(big.root.glob("generated/events/many/.*"))) < BIG
        and process.poll() is None
        and time.monotonic() < deadline
    ):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Interrupted" in said
    assert tree(big.root) == {}


def test_two_compilers_at_once_take_turns(project: Project) -> None:
    processes = [
        subprocess.Popen(command(project, "generate"), stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)
    ]
    assert [process.wait(60) for process in processes] == [0, 0]
    for process in processes:
        process.communicate()
    assert check(project) == []


def test_a_compiler_that_waits_says_so(project: Project) -> None:
    said = threading.Event()
    with locked(project.root, nothing):
        waiter = threading.Thread(target=run, args=[project], kwargs={"waiting": said.set})
        waiter.start()
        assert said.wait(30)
        assert not project.generated.exists()
    waiter.join(30)
    assert check(project) == []


def test_a_write_that_fails_names_the_file(project: Project) -> None:
    put(project.root, "handlers", "a file where the folder should be")
    with pytest.raises(CannotWrite, match="handlers"):
        run(project)
    assert not project.generated.exists()


def test_an_interrupt_that_comes_while_a_class_is_made_is_one_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    class Interrupting:
        def __set_name__(self, _owner: type, _name: str) -> None:
            raise KeyboardInterrupt

    with pytest.raises(typer.Exit) as ended:
        guarded(lambda: type("Made", (), {"field": Interrupting()}))
    assert ended.value.exit_code == 130
    assert capsys.readouterr().err.startswith("Interrupted.")
