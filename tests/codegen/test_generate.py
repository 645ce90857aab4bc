"""generate: writes what the schemas say, once and whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from streamworker_codegen import write as writing
from streamworker_codegen.generate import Outcome
from streamworker_codegen.project import Project

from tests.codegen.orders import (
    HANDLER,
    PIPELINE,
    UNPAID,
    check,
    codes,
    command,
    put,
    run,
    times,
    tree,
    write_orders,
)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return write_orders(tmp_path)


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
        "from streamworker_codegen.generate import Hooks, generate\n"
        "from streamworker_codegen.project import Project\n"
        "generate(Project(Path(sys.argv[1])), Hooks(starting=lambda: sys.exit('compiled')))\n"
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


@pytest.mark.parametrize(("right", "wrong"), [("workers:", "worker:"), ("workers:", "workers: [")])
def test_a_file_that_does_not_hold_makes_no_handler_an_orphan(project: Project, right: str, wrong: str) -> None:
    run(project)
    put(project.root, "schemas/pipeline.yaml", PIPELINE.replace(right, wrong))
    assert "orphaned-handler" not in dict(codes(run(project)))


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
