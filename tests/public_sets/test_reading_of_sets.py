"""How the sets are read; what `make public-sets` does with them is not a part of `make test`, which has nothing of them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.public_sets.checkout import NotThere, files_of
from tests.public_sets.sets import SETS, Files, PublicSet


def committed(folder: Path, **files: str) -> str:
    folder.mkdir(exist_ok=True)
    git = ["git", "-C", str(folder), "-c", "user.name=n", "-c", "user.email=e@example.org"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "--quiet", "-m", "m"], check=True)
    return subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()


def test_a_clone_is_read_at_the_commit_whatever_is_checked_out(tmp_path: Path) -> None:
    first = committed(tmp_path / "clone", a__x="1", b__y="1", c="1")
    committed(tmp_path / "clone", a__x="2")
    assert files_of(tmp_path / "clone", first, ["a", "b"]) == {"a/x": b"1", "b/y": b"1"}


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    committed(tmp_path / "clone", a="1")
    with pytest.raises(NotThere, match="is not there"):
        files_of(tmp_path / "other", "0" * 40, ["a"])
    with pytest.raises(NotThere, match="has no 0000"):
        files_of(tmp_path / "clone", "0" * 40, ["a"])


def public(name: str) -> PublicSet:
    return next(each for each in SETS if each.name == name)


def test_yaml_becomes_json_and_refers_to_json() -> None:
    files: Files = {"data/a/b.yaml": b"$ref: ../c.yaml#/d\nexample: 2026-01-02\n", "data/a/examples/b.yaml": b"{}"}
    (schema,) = public("matrix-spec").schemas(files).items()
    assert (schema[0], json.loads(schema[1])) == ("a/b.json", {"$ref": "../c.json#/d", "example": "2026-01-02"})


def test_an_example_holds_what_it_refers_to() -> None:
    folder = "data/event-schemas/examples"
    files: Files = {
        f"{folder}/m.room$x.yaml": b'{"$ref": "core/event.json", "b": [{"$ref": "list.json"}]}',
        f"{folder}/core/event.json": b'{"a": 1, "b": 2}',
        f"{folder}/list.json": b"[3]",
    }
    (example,) = public("matrix-spec").examples(files)
    assert example.of == "event-schemas/schema/m.room.json"
    assert json.loads(example.data) == {"a": 1, "b": [[3]]}


def test_examples_of_facets_are_of_the_newest_version() -> None:
    folder = "website/static/spec/facets"
    files: Files = {f"{folder}/{each}/F.json": b"{}" for each in ("1-0-0", "1-0-10", "1-0-9")}
    (example,) = public("OpenLineage").examples({**files, "spec/tests/F/1.json": b"{}"})
    assert example.of == "facets/1-0-10/F.json"


def test_an_example_that_fails_is_invalid() -> None:
    folder = "test/inputs/schema"
    names = ("a.schema", "a.1.json", "a.2.fail.union.json", "a.2.fail.bool-string.json", "b.1.json")
    found = public("quicktype").examples(dict.fromkeys((f"{folder}/{each}" for each in names), b"{}"))
    assert [(each.of, each.valid) for each in found] == [("a.json", True), ("a.json", False)]
