"""Schemas of a test -> what the compiler's back makes of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from streamworker_codegen.documents import Place
from streamworker_codegen.graph import Event, Graph, Stream
from streamworker_codegen.load import load_documents
from streamworker_codegen.naming import pascal
from streamworker_codegen.problems import Position
from streamworker_codegen.registry import Registry
from streamworker_codegen.render import Rendered, render_project

NOWHERE = Position("schemas/pipeline.yaml")


def graph_of_titled(registry: Registry) -> Graph:
    """A graph whose events are the schema files that have a title."""
    return graph_of(
        Event(pascal(str(document.value["title"])), Place(document))
        for document in registry.documents.values()
        if isinstance(document.value, dict) and "title" in document.value
    )


def graph_of(events: Iterable[Event]) -> Graph:
    """A graph of events alone, without subjects and workers."""
    dead_letters = Stream("DEAD_LETTERS", ("dead-letters.>",), {}, NOWHERE)
    return Graph("test", 300.0, (), dead_letters, (), (), events=tuple(sorted(events, key=lambda each: each.name)))


def registry_of(project: Path) -> Registry:
    documents = load_documents(project / "schemas")
    assert not documents.problems, documents.problems
    return Registry(documents.files.values())


def render_events(project: Path) -> Rendered:
    registry = registry_of(project)
    return render_project(graph_of_titled(registry), registry, {})
