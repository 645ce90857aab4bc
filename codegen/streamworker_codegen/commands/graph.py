"""`streamworker graph`."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from streamworker_codegen.project import Project
from streamworker_codegen.terminal import OutputOption, ProjectOption, fail, guarded, put, tell

if TYPE_CHECKING:
    from streamworker_codegen.drawing.flow import Flow


def graph(
    around: Annotated[
        list[str] | None,
        typer.Option(
            "--around", metavar="NAME", help="Only this worker, subject, stream, bucket or ingest, and what it touches."
        ),
    ] = None,
    format: Annotated[Literal["mermaid", "dot"], typer.Option("--format", help="The language to draw in.")] = "mermaid",
    output: OutputOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Draw the pipeline: ingests, subjects and their streams, workers, and the buckets that handlers name.

    Dashed arrows are what a handler does by itself: a bucket it opens, a subject that it publishes to beside its sinks.
    """
    drawn = guarded(lambda: _flow(Project(project)))
    if around:
        drawn = _around(drawn, around)
    if format == "dot":
        from streamworker_codegen.drawing.dot import dot as write
    else:
        from streamworker_codegen.drawing.mermaid import mermaid as write
    put(write(drawn), output)


def _flow(place: Project) -> Flow:
    from streamworker_codegen.drawing.flow import flow
    from streamworker_codegen.handler_uses import read_uses
    from streamworker_codegen.reading import read_project

    reading = read_project(place)
    if reading.graph is None or reading.failed:
        tell(sorted(set(reading.problems)), place)
        raise typer.Exit(1)
    return flow(reading.graph, read_uses(place, reading.workers))


def _around(drawn: Flow, names: list[str]) -> Flow:
    for name in names:
        if not drawn.around(frozenset({name})).boxes:
            near = get_close_matches(name, drawn.names, 1)
            fail(f"nothing here is called {name}" + (f"; did you mean {near[0]}?" if near else ""))
    return drawn.around(frozenset(names))
