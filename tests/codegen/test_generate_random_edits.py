"""What is kept of earlier runs changes nothing: after any edit of files that refer to each other, the outcome is that of a run from nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import pytest
from streamworker_codegen.compile import Compiled, compile_project
from streamworker_codegen.kept import read_kept, write_kept
from streamworker_codegen.models.generator import Job, generated
from streamworker_codegen.models.making import Making
from streamworker_codegen.project import Project

from tests.codegen.random_edits import RandomEdits

EDITS = 8
_TEXTS: dict[str, str] = {}


def texts(jobs: Sequence[Job]) -> Iterator[str]:
    """The generator's own, each asked for once."""
    for job in jobs:
        if job.line() not in _TEXTS:
            _TEXTS[job.line()] = generated(job)
        yield _TEXTS[job.line()]


def again(project: Project) -> Compiled:
    """As `generate` does it."""
    kept = read_kept(project.kept)
    compiled = compile_project(project, Making(kept, texts))
    if not compiled.failed:
        write_kept(project.kept, kept)
    return compiled


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_edited_the_outcome_is_that_of_a_run_from_nothing(seed: int, tmp_path: Path) -> None:
    project = Project(tmp_path)
    (tmp_path / "handlers").mkdir()
    edits = RandomEdits(Random(seed), project)
    made = []
    for _ in range(EDITS):
        made.append(again(project))
        assert made[-1] == compile_project(project, Making(texts=texts))
        edits.undo() if made[-1].failed else edits.edit()
    assert sum(not each.failed for each in made) > EDITS / 3
