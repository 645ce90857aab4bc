"""The commands as a user meets them: words, exit codes, and the proof of types."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.codegen.orders import HANDLER, PIPELINE, event, put

SLOPPY = """\
from typing import Any

from generated.workers import shipper


@shipper.handler
async def ship(event: Any) -> None:
    event.ship()
"""


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


def streamworker(root: Path, *arguments: str, folder: Path | None = None) -> Said:
    command = [sys.executable, "-m", "tests.codegen.command", *arguments]
    if folder is None:
        command += ["--project", str(root)]
    cache = root.parent.parent / "mypy-cache"  # one for all tests of a run: mypy is slow without
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent), "MYPY_CACHE_DIR": str(cache)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=environment)
    return Said(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    put(tmp_path, "schemas/pipeline.yaml", PIPELINE)
    put(tmp_path, "schemas/events/orders/placed.schema.json", event("OrderPlaced"))
    put(tmp_path, "schemas/events/billing/paid.schema.json", event("OrderPaid"))
    put(tmp_path, "handlers/biller.py", HANDLER)
    return tmp_path


def test_generate_says_what_it_did_and_then_that_there_is_nothing_to_do(root: Path) -> None:
    put(root, "schemas/pipeline.yaml", f"{PIPELINE}  shipper:\n    source: orders.paid.*\n")
    said = streamworker(root, "generate")
    assert said.code == 0
    assert "generated/: " in said.out
    assert "New handlers, for you to fill in:\n  handlers/shipper.py" in said.out
    assert streamworker(root, "generate") == Said(0, "nothing to do, generated/ is up to date.\n", "")


def test_generate_says_which_handlers_a_changed_schema_concerns(root: Path) -> None:
    put(root, "schemas/pipeline.yaml", f"{PIPELINE}  shipper:\n    source: orders.paid.*\n")
    assert "Handlers to look at" not in streamworker(root, "generate").out
    put(root, "schemas/events/orders/placed.schema.json", event("OrderPlaced", note={"type": "string"}))
    said = streamworker(root, "generate").out
    assert said.endswith("\nHandlers to look at, since their events changed:\n  handlers/biller.py (OrderPlaced)\n")


def test_the_project_is_the_current_folder_unless_named(root: Path) -> None:
    assert streamworker(root, "generate", folder=root).code == 0
    assert (root / "generated/pipeline.py").exists()


def test_where_there_is_no_project_it_says_so(tmp_path: Path) -> None:
    said = streamworker(tmp_path, "generate")
    assert said.code == 1
    assert "no-pipeline" in said.err
    missing = streamworker(tmp_path / "nowhere", "generate")
    assert missing.code == 2
    assert "does not exist" in missing.err


def test_generate_check_exits_with_one_where_files_differ(root: Path) -> None:
    assert streamworker(root, "generate", "--check").code == 1
    assert not (root / "generated").exists()
    streamworker(root, "generate")
    assert streamworker(root, "generate", "--check").code == 0
    put(root, "schemas/events/orders/placed.schema.json", event("OrderPlaced", note={"type": "string"}))
    said = streamworker(root, "generate", "--check")
    assert said.code == 1
    assert "generated/events/orders/placed.py is not what the schemas make [stale]" in said.err


def test_force_overwrites_what_was_edited(root: Path) -> None:
    streamworker(root, "generate")
    put(root, "generated/subjects.py", "# mine\n")
    said = streamworker(root, "generate")
    assert said.code == 1
    assert "--- generated/subjects.py (edited)" in said.err
    assert streamworker(root, "generate", "--force").code == 0


def test_check_proves_the_handlers(root: Path) -> None:
    streamworker(root, "generate")
    said = streamworker(root, "check")
    assert (said.code, said.out) == (0, "All is well: 2 events, 1 worker, handlers type-checked.\n")


def test_check_shows_wrong_types_at_their_line_and_lets_no_any_past_the_proof(root: Path) -> None:
    put(root, "schemas/pipeline.yaml", f"{PIPELINE}  shipper:\n    source: orders.paid.*\n")
    put(root, "handlers/biller.py", HANDLER.replace("event: OrderPlaced", "event: OrderPaid"))
    put(root, "handlers/shipper.py", SLOPPY)
    streamworker(root, "generate")
    said = streamworker(root, "check")
    assert said.code == 1
    assert "handlers/biller.py:5:2: error: " in said.err
    assert "    5 | @biller.handler\n" in said.err
    assert "OrderPlaced" in said.err
    assert 'handlers/shipper.py:7:1: error: Explicit "Any" is not allowed [mypy: explicit-any]' in said.err


def test_check_needs_no_handlers_where_there_are_no_workers(root: Path) -> None:
    (root / "handlers/biller.py").unlink()
    (root / "handlers").rmdir()
    put(root, "schemas/pipeline.yaml", PIPELINE.partition("workers:")[0])
    streamworker(root, "generate")
    assert streamworker(root, "check").out == "All is well: 2 events, 0 workers, handlers type-checked.\n"


def test_check_takes_the_contract_first(root: Path) -> None:
    streamworker(root, "generate")
    put(root, "schemas/pipeline.yaml", PIPELINE.replace("orders.placed.*", "orders.place.*"))
    said = streamworker(root, "check")
    assert said.code == 1
    assert "undeclared-subject" in said.err
    assert "The handlers' types were not checked: mend these first." in said.err


def test_check_reports_drift_and_still_the_handlers_of_one_contract(root: Path) -> None:
    streamworker(root, "generate")
    (root / "generated/subjects.py").unlink()
    said = streamworker(root, "check")
    assert said.code == 1
    assert "generated/subjects.py is missing [missing]" in said.err
