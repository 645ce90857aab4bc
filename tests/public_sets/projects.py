"""A set as a project: its schemas below schemas/events/ as they are, and a subject for each that is one of objects."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from streamworker_codegen.documents import Documents, Place
from streamworker_codegen.fields import types
from streamworker_codegen.load import load_documents
from streamworker_codegen.project import Project
from streamworker_codegen.registry import Registry

from tests.public_sets.sets import Files

_PIPELINE: Final = """\
pipeline: public
streams:
  PUBLIC: {subjects: ["public.>"], max_age: 1d, owner: external}
dead_letters: {stream: DEAD_LETTERS, max_age: 1d}
subjects:
"""


def written(schemas: Files, root: Path) -> dict[str, str]:
    """Writes the project, a package, anew; the constants of the subjects, by the paths of their schemas below schemas/events/."""
    shutil.rmtree(root, ignore_errors=True)
    project = Project(root)
    for path, data in schemas.items():
        target = project.schemas / "events" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    (root / "__init__.py").touch()
    constants = {path: f"EVENT_{at}" for at, path in enumerate(_events(load_documents(project.schemas)))}
    lines = [f"  public.{name.lower()}: {{event: '{path}', name: {name}}}\n" for path, name in constants.items()]
    (project.schemas / "pipeline.yaml").write_text("".join([_PIPELINE, *lines]))
    return {path.removeprefix("events/"): name for path, name in constants.items()}


def _events(documents: Documents) -> list[str]:
    registry = Registry(documents.files.values())
    return sorted(path for path, each in documents.files.items() if types(registry, [Place(each)]) == {"object"})
