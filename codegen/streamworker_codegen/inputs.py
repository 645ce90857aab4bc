"""What a compilation reads, as hashes: enough to tell that nothing has changed, without reading any of it further."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from streamworker_codegen.bindings import Bindings, read_bindings
from streamworker_codegen.errors import CannotRead
from streamworker_codegen.manifest import Manifest, digests, tool
from streamworker_codegen.project import Project

EVENTS = "events"
PIPELINE = "pipeline.yaml"


def schema_files(schemas: Path) -> list[Path]:
    """All of `schemas/events/**/*.json`, sorted; names that begin with a dot are left out."""
    return sorted(path for path in _visible(schemas / EVENTS) if path.suffix == ".json")


def input_digests(project: Project) -> dict[str, str]:
    templates = _visible(project.templates) if project.templates else ()
    paths = [project.schemas / PIPELINE, *schema_files(project.schemas), *templates]
    return digests(project.root, sorted(path.relative_to(project.root).as_posix() for path in paths))


def handler_names(bindings: Bindings) -> dict[str, str]:
    return {worker: f"{each.module}:{each.name}" for worker, each in sorted(bindings.handlers.items())}


def is_unchanged(project: Project, manifest: Manifest) -> bool:
    """Whether a compilation would write what is there already."""
    return (
        not manifest.replaced
        and bool(manifest.outputs)
        and manifest.tool == tool()
        and manifest.inputs == input_digests(project)
        and manifest.outputs == digests(project.root, manifest.outputs)
        and _handlers_unchanged(project, manifest)
    )


def _handlers_unchanged(project: Project, manifest: Manifest) -> bool:
    bindings = read_bindings(project.handlers, manifest.handlers)
    return not bindings.problems and handler_names(bindings) == manifest.handlers


def _visible(folder: Path) -> Iterator[Path]:
    """Raises CannotRead."""
    for root, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (_readable(Path(root, name)) for name in names if not name.startswith("."))


def _refuse(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise CannotRead(str(error.filename), error.strerror or str(error)) from error


def _readable(path: Path) -> Path:
    if not str(path).isprintable():
        raise CannotRead(repr(str(path)), "its name is no text; rename it")
    return path
