"""Where generated code meets the user's: the pipeline that binds handlers, and the first draft of a handler."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from streamworker_codegen.build.constants import PIPELINE_FILE, constant_of, importing
from streamworker_codegen.build.declarations import stream_name
from streamworker_codegen.build.workers import batch_type, event_type, is_batch, result_type, spec_name
from streamworker_codegen.expressions import call, row
from streamworker_codegen.graph import Graph, Worker
from streamworker_codegen.imports import Imports
from streamworker_codegen.ir import File, Stub
from streamworker_codegen.models.text import literal
from streamworker_codegen.naming import attribute, constant


class Binding(Protocol):
    """Where a worker's handler is: a module below `handlers/` (dotted, without it) and a name in it."""

    @property
    def module(self) -> str: ...
    @property
    def name(self) -> str: ...


def pipeline_file(graph: Graph, bindings: Mapping[str, Binding], package: str, version: str) -> File:
    found = importing("Final", "Pipeline", *(["bound"] if graph.workers else []))
    found.add(".", "resources")
    for module, constants in (("subjects", graph.subjects), ("workers", graph.workers), ("ingests", graph.ingests)):
        if constants:
            found.add(".", module)
    for worker in graph.workers:
        module, name = _handler(worker, bindings)
        found.add(absolute(package, f"handlers.{module}"), f"{name} as {handler_name(worker)}")
    others = {
        "ingests": [f"ingests.{attribute(each.name)}" for each in graph.ingests],
        "buckets": [f"resources.{constant(each.name)}" for each in graph.buckets],
        "http": [f"resources.{constant(each.name)}" for each in graph.http],
    }
    expression = call(
        "Pipeline",
        name=literal(graph.pipeline),
        streams=row(f"resources.{stream_name(each)}" for each in graph.streams),
        dead_letters="resources.DEAD_LETTERS_STREAM",
        subjects=row(f"subjects.{each.constant}" for each in graph.subjects),
        workers=row(call("bound", f"workers.{spec_name(each)}", handler_name(each)) for each in graph.workers),
        **{name: row(constants) for name, constants in others.items() if constants},
        outage=literal(graph.outage),
        version=literal(version),
    )
    values = {"constant": constant_of("PIPELINE", expression)}
    return File("pipeline.py", "pipeline.py.jinja2", PIPELINE_FILE, tuple(found.lines()), values)


def handler_name(worker: Worker) -> str:
    """What a handler is called where all of them meet."""
    return f"{spec_name(worker)}_handler"


def _handler(worker: Worker, bindings: Mapping[str, Binding]) -> tuple[str, str]:
    """Where a handler is; where it is not written yet, its stub."""
    binding = bindings.get(worker.name)
    return (binding.module, binding.name) if binding else (spec_name(worker), "handle")


def absolute(package: str, module: str) -> str:
    """The import path of a module of the project."""
    return f"{package}.{module}" if package else module


def stub(worker: Worker, package: str) -> Stub:
    types = {subject.event.name for subject in (*worker.source, *worker.sink)}
    cases = sorted({subject.event.name for subject in worker.source})
    found = Imports()
    for name in types:
        found.add(absolute(package, "generated.events"), name)
    found.add(absolute(package, "generated.workers"), spec_name(worker))
    if len(cases) > 1:
        found.known("assert_never")
    if is_batch(worker):
        found.known("Item")
    if is_batch(worker) or worker.emit == "many":
        found.known("Sequence")
    return Stub(
        worker.name,
        spec_name(worker),
        tuple(found.lines()),
        batch_type(worker) if is_batch(worker) else event_type(worker),
        "None" if is_batch(worker) else result_type(worker),
        tuple(cases) if len(cases) > 1 else (),
        is_batch(worker),
    )
