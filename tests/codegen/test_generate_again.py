"""generate, again: what has not changed is not made again, and what is made is the same as from nothing."""

from __future__ import annotations

import json
import pickle
import shutil
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from streamworker_codegen import contract_json, kept, load
from streamworker_codegen.documents import Document
from streamworker_codegen.kept import read_kept
from streamworker_codegen.models import generate as models
from streamworker_codegen.models.requests import Request
from streamworker_codegen.project import Project
from streamworker_codegen.shapes import recalled

from tests.codegen.orders import PIPELINE, check, event, put, run, tree, write_orders


@pytest.fixture
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return write_orders(tmp_path_factory.mktemp("again"))


@contextmanager
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names of what the generator is asked for meanwhile."""
    names: list[str] = []
    real = models._made

    def made(parts: list[list[Request]], *others: object) -> object:
        names.extend(each.name for part in parts for each in part)
        return real(parts, *others)  # type: ignore[arg-type]  # whatever it takes

    with monkeypatch.context() as patched:
        patched.setattr(models, "_made", made)
        yield names


def generated(project: Project) -> dict[str, bytes]:
    return {path: data for path, data in tree(project.root).items() if path.startswith("generated/")}


def test_one_changed_event_is_all_that_is_asked_for(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    with asked(monkeypatch) as first:
        run(project)
    put(project.root, "schemas/events/orders/placed.schema.json", event("OrderPlaced", note={"type": "string"}))
    with asked(monkeypatch) as second:
        run(project)
    assert set(first) == {"OrderPlaced", "OrderPaid"}
    assert second == ["OrderPlaced"]


def test_the_outcome_is_the_same_as_from_nothing(project: Project, tmp_path_factory: pytest.TempPathFactory) -> None:
    run(project)
    put(project.root, "schemas/events/orders/placed.schema.json", event("OrderMade", note={"type": "string"}))
    run(project)
    fresh = Project(tmp_path_factory.mktemp("fresh"))
    shutil.copytree(project.schemas, fresh.schemas)
    run(fresh)
    assert generated(fresh) == generated(project)


def test_a_template_of_the_project_makes_all_anew(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    run(project)
    ours = models._TEMPLATES / "pydantic_v2" / "BaseModel.jinja2"
    template = ours.read_text("utf-8").replace("class {{ name }}", "# a class\nclass {{ name }}")
    put(project.root, "codegen/templates/models/pydantic_v2/BaseModel.jinja2", template)
    with asked(monkeypatch) as names:
        run(project)
    assert set(names) == {"OrderPlaced", "OrderPaid"}


def test_a_new_file_may_be_what_others_meant(project: Project) -> None:
    """An `$id` goes before a path, and neither the event nor the file that it led to has changed."""
    shared = {"$defs": {"Note": {"type": "string", "maxLength": 9}}}
    placed = json.loads(event("OrderPlaced", note={"$ref": "notes.json#/$defs/Note"})) | {"$id": "https://a.example/o"}
    put(project.root, "schemas/events/orders/placed.schema.json", json.dumps(placed))
    put(project.root, "schemas/events/orders/notes.json", json.dumps(shared))
    run(project)
    put(project.root, "schemas/events/meant.json", json.dumps(shared | {"$id": "https://a.example/notes.json"}))
    run(project)
    assert b"from ..meant import Note" in generated(project)["generated/events/orders/placed.py"]


@pytest.mark.parametrize("left", ["", "{", "[]", '{"key": "text"}', '{"key": ["text", 5]}', "\0"])
def test_what_was_kept_may_be_lost_or_broken(project: Project, left: str) -> None:
    run(project)
    before = generated(project)
    project.kept.write_text(left)
    put(project.root, "schemas/pipeline.yaml", PIPELINE.replace("30d", "31d"))
    run(project)
    assert check(project) == []
    after = generated(project)
    assert {path for path in after if after[path] != before[path]} == {
        "generated/manifest.json",
        "generated/resources.py",
    }


def test_what_somebody_else_has_written_there_does_not_count(project: Project) -> None:
    run(project)
    mark, _, body = project.kept.read_bytes().partition(b"\n")
    assert b"class OrderPlaced" in body
    project.kept.write_bytes(mark + b"\n" + body.replace(b"class OrderPlaced", b"import os; class OrderPlaced"))
    put(project.root, "schemas/events/billing/paid.schema.json", event("OrderPaid", note={"type": "string"}))
    run(project)
    assert b"import os" not in generated(project)["generated/events/orders/placed.py"]


def test_what_other_tools_have_kept_does_not_count(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    run(project)
    assert read_kept(project.kept).section("shapes").before
    monkeypatch.setattr(kept, "version", lambda name: f"another {name}")
    assert not read_kept(project.kept).section("shapes").before


def test_from_what_is_kept_nothing_is_called() -> None:
    text = b64encode(pickle.dumps(print)).decode()
    with pytest.raises(pickle.UnpicklingError):
        recalled._Unpickler(text, {}).load()


def test_only_what_has_changed_is_read_again(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    run(project)
    put(project.root, "schemas/events/orders/placed.schema.json", event("OrderPlaced", note={"type": "string"}))
    looked_at: list[str] = []
    with monkeypatch.context() as patched:
        for module, name in ((load, "check_schema"), (contract_json._Texts, "_make"), (recalled.Recalling, "_read")):
            _watch(patched, module, name, looked_at)
        run(project)
    assert looked_at == [f"{each} events/orders/placed.schema.json" for each in ("check_schema", "_read", "_make")]


def _watch(patched: pytest.MonkeyPatch, owner: object, name: str, into: list[str]) -> None:
    """The path of the document that a function is called with."""
    real = getattr(owner, name)

    def watched(*arguments: object) -> object:
        given = [getattr(each, "document", each) for each in arguments]
        into.extend(f"{name} {each.path}" for each in given if isinstance(each, Document))
        return real(*arguments)

    patched.setattr(owner, name, watched)


def test_where_nothing_can_be_kept_it_generates_all_the_same(project: Project) -> None:
    put(project.root, ".streamworker", "a file where a folder would have to be")
    assert run(project).plan is not None
    assert check(project) == []
