"""A change to `schemas/`: tried on a copy first, and written only where the whole graph is sound with it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from streamworker_codegen.adding.edit import with_entry, with_item
from streamworker_codegen.adding.spelling import Entry
from streamworker_codegen.errors import CannotWrite, MalformedSubject, Refused
from streamworker_codegen.naming import constant
from streamworker_codegen.patterns import covers, parse_subject
from streamworker_codegen.pipeline_file import NAME, load_pipeline
from streamworker_codegen.problems import Position, Problem
from streamworker_codegen.project import Project
from streamworker_codegen.reading import read_project
from streamworker_codegen.sources import Source, read_source

_BOM = "\ufeff"


@dataclass
class Change:
    """The pipeline file as it will be, new files below `schemas/`, and what a reader is told of both."""

    project: Project
    pipeline: Source
    files: dict[str, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    @staticmethod
    def of(project: Project) -> Change:
        """Of nothing yet. Raises Refused where the pipeline file can't be read."""
        file = load_pipeline(project.schemas)
        if file.root is None:
            raise Refused(*file.problems)
        return Change(project, read_source(project.schemas / NAME, f"{project.schemas.name}/{NAME}"))

    def add_file(self, path: str, text: str) -> None:
        if (self.project.schemas / path).exists():
            where = Position(f"{self.project.schemas.name}/{path}")
            raise Refused(
                Problem(where, "already-there", f"{path} is there already", "choose another name, or edit that file")
            )
        self.files[path] = text
        self.told.append(f"schemas/{path}")

    def add_entry(self, section: str, key: str, entry: Entry) -> None:
        self._refuse_doubled(section, key)
        self.pipeline = with_entry(self.pipeline, section, key, entry)
        self.told.append(f"schemas/{NAME}: {section}: {key}")

    def store(self, subject: str, stream: str | None) -> None:
        """Have a stream keep a subject: that one; else the one that does already; else a new one, of the subject's first word."""
        filter, word = _filter(self.pipeline.file, subject), subject.partition(".")[0]
        streams = self._streams()
        if any(covers(each, filter) for name, filters in streams.items() for each in filters if stream in (None, name)):
            return
        name = stream or constant(word)
        if name in streams:
            self.pipeline = with_item(self.pipeline, ("streams", name, "subjects"), filter)
            self.told.append(f"schemas/{NAME}: streams: {name} stores {filter}, too")
        else:
            self.add_entry(
                "streams", name, {"subjects": [f"{word}.>" if "." in subject else subject], "max_age": "30d"}
            )

    def write(self) -> None:
        """Raises Refused where the graph would not be sound, and CannotWrite."""
        self._try()
        try:
            for path, text in self.files.items():
                (self.project.schemas / path).parent.mkdir(parents=True, exist_ok=True)
                (self.project.schemas / path).write_text(text, "utf-8")
            _replace(self.project.schemas / NAME, self.pipeline.text)
        except OSError as error:
            raise CannotWrite(str(error.filename), error.strerror or str(error)) from error

    def _try(self) -> None:
        with self._copy() as trial:
            problems = {each for each in read_project(trial).problems if each.severity == "error"}
        if problems:
            raise Refused(*(self._as_it_would_be(each) for each in sorted(problems)))

    def _as_it_would_be(self, problem: Problem) -> Problem:
        """Its lines are not those of the file that the user has."""
        new = {self.pipeline.file, *(f"{self.project.schemas.name}/{path}" for path in self.files)}
        if problem.where.file not in new:
            return problem
        return replace(problem, where=replace(problem.where, file=f"{problem.where.file} (as it would be)"))

    @contextmanager
    def _copy(self) -> Iterator[Project]:
        with tempfile.TemporaryDirectory() as folder:
            trial = Project(Path(folder))
            shutil.copytree(self.project.schemas, trial.schemas)
            for path, text in {**self.files, NAME: self.pipeline.text}.items():
                (trial.schemas / path).parent.mkdir(parents=True, exist_ok=True)
                (trial.schemas / path).write_bytes(text.encode())
            yield trial

    def _streams(self) -> dict[str, list[str]]:
        root = load_pipeline(self.project.schemas).root
        assert root is not None
        return {each.key: [text.text for text in each["subjects"].texts] for each in root["streams"]}

    def _refuse_doubled(self, section: str, key: str) -> None:
        root = load_pipeline(self.project.schemas).root
        if root is not None and key in root[section]:
            what = f"{section} has `{key}` already"
            raise Refused(
                Problem(root[section][key].key_where, "already-there", what, "choose another name, or edit that entry")
            )


def _filter(file: str, subject: str) -> str:
    try:
        return parse_subject(subject).filter
    except MalformedSubject as error:
        what = f'"{subject}" is no subject: {error.what}'
        raise Refused(Problem(Position(file), "malformed-subject", what, error.mend)) from error


def _replace(path: Path, text: str) -> None:
    """Whole or not at all, with the byte-order mark that the file may begin with."""
    marked = path.read_bytes().startswith(_BOM.encode())
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(((_BOM if marked else "") + text).encode())
    shutil.copymode(path, beside)
    beside.replace(path)
