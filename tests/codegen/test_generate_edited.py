"""generate never writes over somebody's work, and check tells of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamworker_codegen.project import Project

from tests.codegen.orders import UNPAID, check, codes, put, run, write_orders


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return write_orders(tmp_path)


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
