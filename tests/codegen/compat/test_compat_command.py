"""`streamworker compat`, and its part in `check`: against a folder, against git, and without either."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from streamworker_codegen.compat.baseline import baseline
from streamworker_codegen.compat.compare import changes
from streamworker_codegen.project import Project

ROOT = Path(__file__).parents[3]
PIPELINE = """\
pipeline: shop
streams:
  SHOP: {subjects: ["orders.>"], max_age: 7d}
subjects:
  orders.placed.{id}: events/placed.schema.json
  orders.billed.{id}: events/billed.schema.json
workers:
  biller: {source: "orders.placed.{id}", sink: "orders.billed.{id}"}
  mailer: {source: "orders.billed.{id}"}
"""
ID = {"type": "string", "pattern": "^[a-z0-9-]+$"}


def put(root: Path, name: str, *required: str) -> None:
    schema = {"title": name.title(), "type": "object", "properties": {"id": ID, "note": {"type": "string"}}}
    path = root / f"schemas/events/{name}.schema.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**schema, "required": ["id", *required]}, indent=2))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    put(root, "placed")
    put(root, "billed")
    (root / "schemas/pipeline.yaml").write_text(PIPELINE)
    return root


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.codegen.compat.command", *arguments, "--project", str(root)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def git(root: Path, *arguments: str) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@t.invalid", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *who, *arguments], cwd=root, capture_output=True, check=True)


@pytest.fixture
def committed(project: Path) -> Path:
    git(project.parent, "init")
    git(project.parent, "add", ".")
    git(project.parent, "commit", "-m", "first")
    return project


def test_what_breaks_against_a_commit_ends_with_1_and_a_message(committed: Path) -> None:
    """The project lies in a folder of the repository."""
    assert run(committed, "compat", "--against", "HEAD").returncode == 0
    put(committed, "billed", "note")
    told = run(committed, "compat", "--against", "main")
    assert told.returncode == 1
    assert "breaking: Billed: `note` is required, and was not" in told.stderr
    assert 'stored:  {"id": "a"}' in told.stderr


def test_an_early_python_that_knows_no_filters_of_archives_compares_as_well(
    committed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """3.11.0 to 3.11.3: neither `data_filter`, nor the argument."""
    extract = tarfile.TarFile.extractall

    def early(files: tarfile.TarFile, path: str, members: list[tarfile.TarInfo] | None = None) -> None:
        extract(files, path, members, filter="fully_trusted")

    if hasattr(tarfile, "data_filter"):  # else it is such a one
        monkeypatch.delattr(tarfile, "data_filter")
        monkeypatch.setattr(tarfile.TarFile, "extractall", early)
    (committed / "schemas/away").symlink_to("/")
    git(committed, "add", ".")
    git(committed, "commit", "-m", "a link")
    with baseline(Project(committed), "HEAD") as before:
        assert (before.schemas / "events/placed.schema.json").exists()
        assert not (before.schemas / "away").is_symlink()


def test_what_only_older_replicas_cannot_read_ends_with_0(committed: Path) -> None:
    put(committed, "billed", "note")
    git(committed, "commit", "-am", "more")
    put(committed, "billed")
    told = run(committed, "compat", "--against", "HEAD")
    assert told.returncode == 0
    assert "safe (rolling)" in told.stderr


def test_lines_of_json_hold_the_evidence(committed: Path) -> None:
    put(committed, "billed", "note")
    (line,) = run(committed, "compat", "--against", "HEAD", "--json").stdout.splitlines()
    told = json.loads(line)
    assert (told["code"], told["severity"]) == ("compat-stored", "error")
    assert told["evidence"][0] == 'stored:  {"id": "a"}'


@pytest.mark.parametrize(
    ("against", "said"),
    [
        ("no-such-ref", "git knows no commit of that name here"),
        ("--help", "git knows no commit of that name here"),
        ("../..", "holds no schemas/"),
    ],
)
def test_what_is_not_there_to_compare_with_is_told(committed: Path, against: str, said: str) -> None:
    told = run(committed, "compat", f"--against={against}")
    assert told.returncode == 1
    assert said in told.stderr
    assert "[no-baseline]" in told.stderr


def test_without_git_a_ref_is_told_to_be_none(project: Path) -> None:
    told = run(project, "compat", "--against", "main")
    assert told.returncode == 1
    assert "nothing to compare with" in told.stderr


def test_a_commit_without_schemas_is_told(committed: Path) -> None:
    git(committed, "rm", "-r", "--cached", ".")
    git(committed, "commit", "--allow-empty", "-m", "none")
    assert "holds no schemas/ where this project has it" in run(committed, "compat", "--against", "HEAD").stderr


def test_nothing_named_is_told_by_compat(project: Path) -> None:
    told = run(project, "compat")
    assert told.returncode == 1
    assert "--against origin/main" in told.stderr


def test_check_asks_where_the_file_names_what_to_compare_with(committed: Path) -> None:
    put(committed, "billed", "note")
    (committed / "schemas/compat.yaml").write_text("against: HEAD\n")
    assert run(committed, "generate").returncode == 0
    told = run(committed, "check")
    assert told.returncode == 1
    assert "[compat-stored]" in told.stderr


def test_nothing_is_compared_where_nobody_names_what_with(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that `check` needs no git."""
    monkeypatch.setenv("PATH", "")
    assert changes(Project(project)) == ()
    (project / "schemas/compat.yaml").write_text("accepted: []\n")
    assert changes(Project(project)) == ()
