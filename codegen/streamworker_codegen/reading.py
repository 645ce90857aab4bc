"""What a project says, read and checked, before anything is made of it: every command begins here."""

from __future__ import annotations

from dataclasses import dataclass

from streamworker_codegen.graph import Graph
from streamworker_codegen.load import load_documents
from streamworker_codegen.pipeline_file import PipelineFile, load_pipeline
from streamworker_codegen.problems import Problem
from streamworker_codegen.project import Project
from streamworker_codegen.references import check_references
from streamworker_codegen.registry import Registry
from streamworker_codegen.rules import check_graph


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


def read_project(project: Project) -> Reading:
    """Schemas and pipeline file, with every problem of the phases that could run. Raises CannotRead."""
    documents = load_documents(project.schemas)
    registry = Registry(documents.files.values())
    references = check_references(registry, documents.refused)
    file = load_pipeline(project.schemas)
    graph, found = None, tuple[Problem, ...]()
    # Schemas in a circle have no fields to look for.
    if file.root is not None and not any(problem.code == "ref-circle" for problem in references):
        checked = check_graph(file.root, registry, documents.refused)
        graph, found = checked.graph, checked.problems
    return Reading(registry, graph, _workers(file), (*documents.problems, *references, *file.problems, *found))


def _workers(file: PipelineFile) -> tuple[str, ...]:
    return tuple(worker.key for worker in file.root["workers"]) if file.root else ()
