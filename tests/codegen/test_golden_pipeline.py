"""A graph of every shape of worker becomes exactly tests/golden/render/expected. UPDATE_GOLDEN=1 writes it anew."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from streamworker_codegen.imports import KNOWN
from streamworker_codegen.naming import attribute
from streamworker_codegen.render import render_project

from tests.codegen.shop import PROJECT, shop

EXPECTED = PROJECT / "expected"


def rendered(package: str = "", templates: Path | None = None) -> dict[str, str]:
    made = shop()
    project = render_project(made.graph, made.registry, made.bindings, package=package, templates=templates)
    assert not project.problems
    stubs = {f"handlers/{attribute(worker)}.py": text for worker, text in project.stubs.items()}
    return {**{f"generated/{path}": text for path, text in project.files.items()}, **stubs}


def test_writes_what_is_expected() -> None:
    found = rendered()
    if os.environ.get("UPDATE_GOLDEN"):
        for path, text in found.items():
            (EXPECTED / path).parent.mkdir(parents=True, exist_ok=True)
            (EXPECTED / path).write_text(text)
    assert found == {file.relative_to(EXPECTED).as_posix(): file.read_text() for file in EXPECTED.rglob("*.*")}


def test_lives_in_a_package_by_absolute_names_of_handlers_alone() -> None:
    files = rendered("acme.shop")
    assert "from acme.shop.handlers.billing.invoices import bill as biller_handler" in files["generated/pipeline.py"]
    assert "from acme.shop.generated.events import OrderPaid, OrderPlaced" in files["handlers/biller.py"]
    assert [path for path in files if path != "generated/pipeline.py" and "acme" in files[path]] == [
        path for path in files if path.startswith("handlers/")
    ]


def test_a_project_overrides_a_template_and_keeps_the_others(tmp_path: Path) -> None:
    (tmp_path / "stub.py.jinja2").write_text("# {{ stub.worker }}, our way\n")
    (tmp_path / "models/pydantic_v2").mkdir(parents=True)
    (tmp_path / "models/pydantic_v2/BaseModel.jinja2").write_text(
        "class {{ name }}({{ base_class }}):\n    # ours\n{% for field in fields %}    {{ field.name }}: {{ field.type_hint }}\n{% endfor %}"
    )
    plain, ours = rendered(), rendered(templates=tmp_path)
    assert ours["handlers/biller.py"] == "# biller, our way\n"
    assert "class OrderPlaced(Event):\n    # ours\n" in ours["generated/events/orders/placed.py"]
    assert ours["generated/subjects.py"] == plain["generated/subjects.py"]


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_every_name_that_is_emitted_is_there(name: str) -> None:
    assert hasattr(import_module(KNOWN[name]), name)


def test_the_hash_seed_changes_nothing() -> None:
    program = "from tests.codegen.test_golden_pipeline import rendered; import json; print(json.dumps(rendered()))"
    seeds = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    ]
    assert seeds[0] == seeds[1] == seeds[2]
