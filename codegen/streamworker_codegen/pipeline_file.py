"""`schemas/pipeline.yaml`: read, and its form checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from streamworker_codegen.documents import Document, Json
from streamworker_codegen.errors import Refused
from streamworker_codegen.kept import Kept, Section
from streamworker_codegen.nodes import Node
from streamworker_codegen.pipeline_form import check_form
from streamworker_codegen.problems import Position, Problem
from streamworker_codegen.sources import Source, read_source
from streamworker_codegen.yaml_positions import parse_yaml

NAME = "pipeline.yaml"
_Parsed: TypeAlias = tuple[Json, Mapping[str, tuple[int, int]]]


@dataclass(frozen=True)
class PipelineFile:
    """root: the whole file, without the settings that are wrong; None where more is wrong than settings."""

    root: Node | None
    problems: tuple[Problem, ...] = ()


def load_pipeline(schemas: Path, kept: Kept | None = None) -> PipelineFile:
    """kept: what stands in it, where."""
    file = f"{schemas.name}/{NAME}"
    if not (schemas / NAME).exists():
        return PipelineFile(None, (_missing(file),))
    try:
        source = read_source(schemas / NAME, file)
        document = _parsed(source, (kept or Kept()).section("pipelines"))
    except Refused as refused:
        return PipelineFile(None, refused.problems)
    form = check_form(source, document)
    return PipelineFile(Node(form.sound, "", form.sound.value) if form.sound else None, form.problems)


def _parsed(source: Source, kept: Section) -> Document:
    """Raises Refused."""

    def parsed() -> _Parsed:
        document = parse_yaml(source, NAME)
        return document.value, {pointer: (each.line, each.column) for pointer, each in document.positions.items()}

    value, places = kept.recall(source.digest, parsed)
    return Document(NAME, "", "", value, {pointer: Position(source.file, *each) for pointer, each in places.items()})


def _missing(file: str) -> Problem:
    return Problem(
        Position(file),
        "no-pipeline",
        "there is no pipeline file",
        "run in the folder that holds schemas/, or name it with --project; a first file needs one line: `pipeline: NAME`",
    )
