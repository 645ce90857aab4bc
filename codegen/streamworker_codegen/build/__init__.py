"""Graph and names -> what templates see, for all of `generated/` beside the events."""

from __future__ import annotations

from collections.abc import Mapping

from streamworker_codegen.build.constants import importing
from streamworker_codegen.build.declarations import ingests_file, resources_file, subjects_file
from streamworker_codegen.build.handlers import Binding, pipeline_file, stub
from streamworker_codegen.build.workers import workers_file
from streamworker_codegen.graph import Graph
from streamworker_codegen.ir import File

__all__ = ["Binding", "files", "stub"]


def files(graph: Graph, bindings: Mapping[str, Binding], package: str, version: str) -> list[File]:
    """All files but those of the events. version: of the contract. package: the dotted one that the project lies in, or ""."""
    contract = File(
        "_contract.py", "contract.py.jinja2", "schemas/", tuple(importing("Contracts", "Final").lines()), {}
    )
    made = [contract, subjects_file(graph), workers_file(graph), resources_file(graph)]
    if graph.ingests:
        made.append(ingests_file(graph))
    return [*made, pipeline_file(graph, bindings, package, version)]
