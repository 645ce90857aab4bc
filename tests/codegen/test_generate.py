"""generate: writes what the schemas say, once, whole, and never over somebody's work."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamworker_codegen import write as writing
from streamworker_codegen.errors import CannotWrite
from streamworker_codegen.generate import Outcome, check_drift, generate
from streamworker_codegen.lock import locked
from streamworker_codegen.project import Project

PIPELINE = """\
pipeline: shop
streams:
  ORDERS: {subjects: ["orders.>"], max_age: 30d}
subjects:
  orders.placed.{id}: events/orders/placed.schema.json
  orders.paid.{id}: events/billing/paid.schema.json
workers:
  biller:
    source: orders.placed.*
    sink: orders.paid.{id}
"""
UNPAID = PIPELINE.replace("  orders.paid.{id}: events/billing/paid.schema.json\n", "").replace(
    "    sink: orders.paid.{id}\n", ""
)
HANDLER = """\
from generated.events import OrderPaid, OrderPlaced
from generated.workers import biller


@biller.handler
async def bill(event: OrderPlaced) -> OrderPaid | None:
    return OrderPaid(id=event.id)
"""
BIG = 60


def event(title: str, **more: object) -> str:
    properties = {"id": {"type": "string", "format": "uuid"}, **more}
    return json.dumps(
        {"title": title, "type": "object", "properties": properties, "required": ["id"], "additionalProperties": False}
    )


def put(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, "utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    put(tmp_path, "schemas/pipeline.yaml", PIPELINE)
    put(tmp_path, "schemas/events/orders/placed.schema.json", event("OrderPlaced"))
    put(tmp_path, "schemas/events/billing/paid.schema.json", event("OrderPaid"))
    return Project(tmp_path)


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


def nothing() -> None:
    """For hooks that a test does not look at."""


def run(project: Project, *, force: bool = False, waiting: Callable[[], None] = nothing) -> Outcome:
    return generate(project, force=force, starting=nothing, waiting=waiting)


def codes(outcome: Outcome) -> list[tuple[str, str]]:
    return [(problem.code, problem.where.file) for problem in outcome.problems if problem.severity != "note"]


def check(project: Project) -> list[tuple[str, str]]:
    return codes(check_drift(project, whole=False, starting=nothing))


def tree(root: Path) -> dict[str, bytes]:
    """All of generated/ and handlers/, hidden files too, but for what Python and mypy cache."""
    found = [path for folder in ("generated", "handlers") for path in (root / folder).rglob("*") if path.is_file()]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found if "__pycache__" not in path.parts}


def times(root: Path) -> dict[str, int]:
    return {path: (root / path).stat().st_mtime_ns for path in tree(root)}


def command(project: Project, *arguments: str, **environment: str) -> list[str]:
    return [sys.executable, "-m", "tests.codegen.command", *arguments, "--project", str(project.root)]


# --- what is written


def test_all_is_written_and_a_second_run_touches_nothing(project: Project) -> None:
    first = run(project)
    assert first.plan is not None
    assert set(first.plan.stubs) == {"handlers/biller.py"}
    assert {"generated/events/orders/placed.py", "generated/pipeline.py", "generated/manifest.json"} <= tree(
        project.root
    ).keys()
    before = times(project.root)
    assert run(project) == Outcome()
    assert times(project.root) == before
    assert check(project) == []


def test_an_unchanged_project_loads_nothing_that_is_slow(project: Project) -> None:
    run(project)
    script = (
        "import sys; from pathlib import Path\n"
        "from streamworker_codegen.generate import generate\n"
        "from streamworker_codegen.project import Project\n"
        "generate(Project(Path(sys.argv[1])), force=False, starting=lambda: sys.exit('compiled'), waiting=lambda: None)\n"
        "heavy = {'datamodel_code_generator', 'jinja2', 'ruamel', 'jsonschema_rs', 'pydantic', 'mypy'} & sys.modules.keys()\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(project.root)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_same_input_makes_the_same_bytes_anywhere(
    project: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    trees = []
    for seed in ("1", "2"):
        root = tmp_path_factory.mktemp("copy")
        subprocess.run(["cp", "-r", f"{project.root}/schemas", str(root)], check=True)
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run(command(Project(root), "generate"), check=True, capture_output=True, env=environment)
        trees.append(tree(root))
    assert trees[0] == trees[1]


def test_a_stub_is_written_once(project: Project) -> None:
    put(project.root, "handlers/biller.py", HANDLER)
    assert run(project).plan is not None
    assert (project.root / "handlers/biller.py").read_text("utf-8") == HANDLER
    assert "from handlers.biller import bill as" in (project.root / "generated/pipeline.py").read_text("utf-8")


def test_a_renamed_handler_changes_the_pipeline_alone(project: Project) -> None:
    put(project.root, "handlers/biller.py", HANDLER)
    run(project)
    put(project.root, "handlers/biller.py", HANDLER.replace("def bill", "def charge"))
    assert check(project) == [("stale", "generated/pipeline.py")]
    outcome = run(project)
    assert outcome.plan is not None
    assert set(outcome.plan.writes) == {"generated/pipeline.py"}


def test_a_change_within_a_handler_changes_nothing(project: Project) -> None:
    put(project.root, "handlers/biller.py", HANDLER)
    run(project)
    put(project.root, "handlers/biller.py", HANDLER.replace("return OrderPaid(id=event.id)", "return None"))
    assert run(project) == Outcome()


def test_what_nothing_makes_any_more_is_removed_with_its_empty_folder(project: Project) -> None:
    run(project)
    assert (project.root / "generated/events/billing/paid.py").exists()
    (project.root / "schemas/events/billing/paid.schema.json").unlink()
    put(
        project.root,
        "schemas/pipeline.yaml",
        UNPAID,
    )
    (project.root / "generated/events/billing/__pycache__").mkdir()
    assert ("left-over", "generated/events/billing/paid.py") in check(project)
    run(project)
    assert not (project.root / "generated/events/billing").exists()
    assert check(project) == []


def test_a_handler_whose_worker_is_gone_is_told_and_stays(project: Project) -> None:
    run(project)
    put(project.root, "schemas/pipeline.yaml", PIPELINE.replace("  biller:", "  payer:"))
    assert ("orphaned-handler", "handlers/biller.py") in codes(run(project))
    assert (project.root / "handlers/biller.py").exists()
    assert (project.root / "handlers/payer.py").exists()


def test_a_newer_compiler_that_makes_the_same_is_no_drift(project: Project) -> None:
    run(project)
    manifest = project.root / "generated/manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace('"tool": "', '"tool": "older-'), "utf-8")
    assert check(project) == []
    run(project)
    assert '"older-' not in manifest.read_text("utf-8")
    assert run(project) == Outcome()


def test_a_template_of_the_project_takes_the_place_of_ours(project: Project) -> None:
    run(project)
    ours = Path(writing.__file__).parent / "templates" / "subjects.py.jinja2"
    put(project.root, "codegen/templates/subjects.py.jinja2", ours.read_text("utf-8") + "# ours\n")
    assert ("stale", "generated/subjects.py") in check(project)
    run(project)
    assert (project.root / "generated/subjects.py").read_text("utf-8").endswith("# ours\n")
    assert run(project) == Outcome()


def test_wrong_input_writes_nothing(project: Project) -> None:
    run(project)
    before = times(project.root)
    put(project.root, "schemas/events/billing/paid.schema.json", "{")
    outcome = run(project)
    assert outcome.failed
    assert times(project.root) == before


def test_a_project_may_lie_in_a_package(project: Project) -> None:
    inner = Project(project.root / "company" / "shop")
    for package in ("company", "company/shop"):
        put(project.root, f"{package}/__init__.py", "")
    (project.root / "schemas").rename(inner.schemas)
    run(inner)
    assert "from company.shop.handlers.biller import" in (inner.generated / "pipeline.py").read_text("utf-8")
    assert "from company.shop.generated.workers import biller" in (inner.handlers / "biller.py").read_text("utf-8")
    assert run(inner) == Outcome()


# --- what somebody else did to it


def test_a_file_that_is_missing_is_told_and_comes_back(project: Project) -> None:
    run(project)
    (project.root / "generated/subjects.py").unlink()
    (project.root / "handlers/biller.py").unlink()
    assert check(project) == [("missing", "generated/subjects.py"), ("missing-stub", "handlers/biller.py")]
    run(project)
    assert check(project) == []


def test_a_file_that_somebody_edited_is_shown_and_kept_until_forced(project: Project) -> None:
    run(project)
    path = project.root / "generated/subjects.py"
    original = path.read_text("utf-8")
    path.write_text(original + "# mine\n", "utf-8")
    assert check(project) == [("edited-by-hand", "generated/subjects.py")]
    outcome = run(project)
    assert codes(outcome) == [("edited-by-hand", "generated/subjects.py")]
    assert "-# mine" in outcome.differences
    assert path.read_text("utf-8").endswith("# mine\n")
    assert not run(project, force=True).failed
    assert path.read_text("utf-8") == original


def test_an_edited_file_that_would_be_removed_stays_until_forced(project: Project) -> None:
    run(project)
    path = project.root / "generated/events/billing/paid.py"
    path.write_text("# mine\n", "utf-8")
    put(
        project.root,
        "schemas/pipeline.yaml",
        UNPAID,
    )
    assert ("edited-by-hand", "generated/events/billing/paid.py") in codes(run(project))
    assert path.exists()
    run(project, force=True)
    assert not path.exists()


def test_a_file_that_is_not_ours_stays(project: Project) -> None:
    put(project.root, "generated/notes.txt", "mine")
    run(project)
    run(project, force=True)
    assert (project.root / "generated/notes.txt").read_text("utf-8") == "mine"


def test_an_edit_that_makes_what_generate_would_make_is_no_edit(project: Project) -> None:
    """As after a merge in which both sides generated the same."""
    run(project)
    (project.root / "generated/manifest.json").unlink()
    assert not run(project).failed
    assert check(project) == []


def test_line_ends_that_git_changed_are_no_edit(project: Project) -> None:
    run(project)
    path = project.root / "generated/subjects.py"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert check(project) == []


def test_a_list_of_files_that_a_merge_left_unfinished_is_made_anew_when_forced(project: Project) -> None:
    run(project)
    manifest = project.root / "generated/manifest.json"
    manifest.write_text("<<<<<<< HEAD\n" + manifest.read_text("utf-8"), "utf-8")
    assert check(project) == [("broken-manifest", "generated/manifest.json")]
    assert codes(run(project)) == [("broken-manifest", "generated/manifest.json")]
    run(project, force=True)
    assert check(project) == []


# --- what the machine does


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
        "generate(Project(Path(sys.argv[1])), force=False, starting=lambda: None, waiting=lambda: None)\n"
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
