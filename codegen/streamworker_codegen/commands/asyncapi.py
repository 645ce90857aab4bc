"""`streamworker asyncapi`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from streamworker_codegen.documents import Json
from streamworker_codegen.project import Project
from streamworker_codegen.terminal import OutputOption, ProjectOption, guarded, put, tell


def asyncapi(
    format: Annotated[Literal["yaml", "json"], typer.Option("--format", help="How to write the document.")] = "yaml",
    version: Annotated[
        str, typer.Option("--version", metavar="TEXT", help="The version that the document tells of your contract.")
    ] = "1.0.0",
    output: OutputOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Describe the pipeline as an AsyncAPI 3.0 document: subjects, events with their schemas, and who sends and receives."""
    document = guarded(lambda: _document(Project(project), version))
    put(_json(document) if format == "json" else _yaml(document), output)


def _document(place: Project, version: str) -> dict[str, Json]:
    from streamworker_codegen.asyncapi import asyncapi_document
    from streamworker_codegen.handler_uses import read_uses
    from streamworker_codegen.reading import read_project

    reading = read_project(place)
    if reading.graph is None or reading.failed:
        tell(sorted(set(reading.problems)), place)
        raise typer.Exit(1)
    uses = read_uses(place, reading.workers)
    return asyncapi_document(reading.graph, reading.registry, uses, version=version)


def _json(document: dict[str, Json]) -> str:
    import json

    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _yaml(document: dict[str, Json]) -> str:
    from io import StringIO

    from ruamel.yaml import YAML

    writer = YAML(typ="rt", pure=True)
    writer.width = 120
    text = StringIO()
    writer.dump(document, text)
    return text.getvalue()
