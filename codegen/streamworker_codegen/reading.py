"""What a project says, read and checked, before anything is made of it: every command begins here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from streamworker_codegen.graph import Graph
from streamworker_codegen.kept import Kept
from streamworker_codegen.load import load_documents
from streamworker_codegen.pipeline_file import PipelineFile, load_pipeline
from streamworker_codegen.problems import Problem
from streamworker_codegen.project import Project
from streamworker_codegen.references import check_references
from streamworker_codegen.registry import Registry
from streamworker_codegen.repeats import repeats_of
from streamworker_codegen.rules import check_graph

_ENDLESS: Final = ("ref-circle", "too-deep", "alternatives-multiply")
"""Schemas in which nobody could look for fields."""


@dataclass(frozen=True)
class Reading:
    """graph: only where no rule was broken; there may be errors of other kinds in `problems` all the same.
    workers: as the file names them, whether or not there is a graph."""

    registry: Registry
    graph: Graph | None
    workers: tuple[str, ...]
    problems: tuple[Problem, ...]

    @property
    def failed(self) -> bool:
        return self.graph is None or any(problem.severity == "error" for problem in self.problems)


def read_project(project: Project, kept: Kept | None = None) -> Reading:
    """Schemas and pipeline file, with every problem of the phases that could run. Raises CannotRead."""
    documents = load_documents(project.schemas, kept)
    registry = Registry(documents.files.values())
    references = check_references(registry, documents.refused)
    if not _is_endless(references):
        references += repeats_of(registry).problems()
    file = load_pipeline(project.schemas, kept)
    graph, found = None, tuple[Problem, ...]()
    if file.root is not None and not _is_endless(references):
        checked = check_graph(file.root, registry, documents.refused)
        graph, found = checked.graph, checked.problems
    return Reading(registry, graph, _workers(file), (*documents.problems, *references, *file.problems, *found))


def _is_endless(problems: Iterable[Problem]) -> bool:
    return any(problem.code in _ENDLESS for problem in problems)


def _workers(file: PipelineFile) -> tuple[str, ...]:
    return tuple(worker.key for worker in file.root["workers"]) if file.root else ()
