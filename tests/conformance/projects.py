"""The suite's schemas as projects: each schema as the field of an event and, where it is for objects, as an event itself."""

from __future__ import annotations

import importlib
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from streamworker.subject import Subject
from streamworker_codegen.compile import compile_project
from streamworker_codegen.problems import Problem
from streamworker_codegen.project import Project

from tests.conformance.suite import DRAFTS, HOST, Case, Group
from tests.conformance.verbatim import TYPES, Json, type_of, write

_NAMED: Final = {
    "$id",
    "$schema",
    "$ref",
    "$anchor",
    "$dynamicRef",
    "$dynamicAnchor",
    "$recursiveRef",
    "$recursiveAnchor",
    "id",
}
"""Keywords by which a schema means something else where it stands within another document."""


Use: TypeAlias = Literal["field", "typed field", "event"]
"""A schema as that of the field `value`; the same with the types of its valid instances said; as that of an event itself."""


@dataclass(frozen=True)
class Event:
    """A group as an event. types: of the instances that it is asked about."""

    group: Group
    use: Use
    path: str
    constant: str
    types: frozenset[str] = frozenset(TYPES)

    @property
    def cases(self) -> list[Case]:
        return [case for case in self.group.cases if type_of(case.data) in self.types]


@dataclass
class Batch:
    """Groups that one project can hold: no two of them have the same `$id`. refused: by the group, what the compiler says."""

    draft: str
    groups: list[Group] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)


def batches(groups: Iterable[Group]) -> list[Batch]:
    made: list[Batch] = []
    for group in groups:
        ids = set(_ids(group.schema))
        free = (each for each in made if each.draft == group.draft and not each.ids & ids)
        batch = next(free, None)
        if batch is None:
            batch = Batch(group.draft)
            made.append(batch)
        batch.groups.append(group)
        batch.ids |= ids
    return made


def compiled(batch: Batch, remotes: Mapping[str, Json], root: Path) -> Iterator[tuple[Event, Subject[Any]]]:
    """The subjects of all events of a batch. What the compiler refuses is left out, and noted in the batch.

    remotes: documents by their paths on HOST.
    """
    shutil.rmtree(root, ignore_errors=True)
    project = Project(root)
    for name, document in remotes.items():
        _write(project.schemas / "events" / "remotes" / name, _remote(name, document, batch.draft))
    events = [event for at, group in enumerate(batch.groups) for event in _events(group, at, project)]
    (root / "__init__.py").touch()
    while problems := _compile(project, events):
        batch.refused |= _removed(problems, events, project)
        events = [each for each in events if each.group.name not in batch.refused]
    sys.path.insert(0, str(root.parent))
    subjects = importlib.import_module(f"{root.name}.generated.subjects")
    for event in events:
        yield event, getattr(subjects, event.constant)


def _compile(project: Project, events: Sequence[Event]) -> list[Problem]:
    """Writes generated/, or tells what stands in the way."""
    lines = [f"  cases.{each.constant.lower()}: {{event: {each.path}, name: {each.constant}}}" for each in events]
    (project.schemas / "pipeline.yaml").write_text("\n".join([_PIPELINE, *lines, ""]))
    made = compile_project(project)
    for path, text in made.files.items():
        target = project.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return [each for each in made.problems if each.severity == "error"]


def _removed(problems: Iterable[Problem], events: Sequence[Event], project: Project) -> dict[str, str]:
    """Takes away what is refused, the remote documents of other drafts among it; by group, why."""
    folders = {each.path.rpartition("/")[0]: each.group.name for each in events}
    refused: dict[str, str] = {}
    for each in problems:
        path = project.root / each.where.file
        folder = path.relative_to(project.schemas).parent.as_posix()
        if folder in folders:
            refused.setdefault(folders[folder], f"{each.code}: {each.what}")
            shutil.rmtree(project.schemas / folder, ignore_errors=True)
        elif path.name != "pipeline.yaml":
            path.unlink(missing_ok=True)
    return refused


def _events(group: Group, at: int, project: Project) -> Iterator[Event]:
    folder = f"events/{re.sub(r'[^a-z0-9]+', '_', group.file.lower())}/g{group.at}"
    draft = DRAFTS[group.draft]
    schema = _without_draft(group.schema, draft)
    inline = not _NAMED & set(_names(schema))
    alone: Json = schema if inline else {"$ref": "case.json"}
    beside: dict[str, Json] = schema if inline and isinstance(schema, dict) else {"allOf": [alone]}
    if not inline:
        _write(project.schemas / folder / "case.json", _of_draft(_fetched(group.schema, project), draft))
    _write(project.schemas / folder / "field.json", _with_field(alone, draft))
    yield Event(group, "field", f"{folder}/field.json", f"FIELD_{at}")
    types = frozenset(type_of(case.data) for case in group.cases if case.valid)
    if inline and types and "type" not in beside:
        _write(project.schemas / folder / "typed.json", _with_field({"type": [*sorted(types)], **beside}, draft))
        yield Event(group, "typed field", f"{folder}/typed.json", f"TYPED_{at}", types)
    if "object" in types:
        _write(project.schemas / folder / "itself.json", {"$schema": draft, **beside, "type": "object"})
        yield Event(group, "event", f"{folder}/itself.json", f"ITSELF_{at}", frozenset({"object"}))


def _with_field(schema: Json, draft: str) -> Json:
    return {"$schema": draft, "type": "object", "properties": {"value": schema}, "required": ["value"]}


def _without_draft(schema: Json, draft: str) -> Json:
    if isinstance(schema, dict) and schema.get("$schema") == draft:
        return {name: value for name, value in schema.items() if name != "$schema"}
    return schema


def _fetched(schema: Json, project: Project) -> Json:
    """With a reference to a document by where it is fetched from, if its `$id` is another, as a reference to its file."""
    reference = schema.get("$ref") if isinstance(schema, dict) else None
    if not isinstance(schema, dict) or not isinstance(reference, str) or not reference.startswith(HOST):
        return schema
    name = reference.removeprefix(HOST)
    file = project.schemas / "events" / "remotes" / name
    fetched = file.is_file() and f'"$id": "{reference}"' not in file.read_text()
    return {**schema, "$ref": f"../../remotes/{name}"} if fetched else schema


def _of_draft(schema: Json, draft: str) -> Json:
    return {"$schema": draft, **schema} if isinstance(schema, dict) else schema


def _remote(path: str, document: Json, draft: str) -> Json:
    """A remote document under the URI that it is fetched from."""
    own = _of_draft(document, DRAFTS.get(path.partition("/")[0], DRAFTS[draft]))
    return {"$id": HOST + path, **own} if isinstance(own, dict) else own


def _write(path: Path, schema: Json) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(write(schema), "utf-8")


def _names(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from _names(each)
    elif isinstance(value, list):
        for each in value:
            yield from _names(each)


def _ids(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(own := value.get("$id"), str) and ":" in own:
            yield own.rstrip("#")
        for each in value.values():
            yield from _ids(each)
    elif isinstance(value, list):
        for each in value:
            yield from _ids(each)


_PIPELINE: Final = """\
pipeline: conformance
streams:
  CASES: {subjects: ["cases.>"], max_age: 1d, owner: external}
dead_letters: {stream: DEAD_LETTERS, max_age: 1d}
subjects:"""
