"""The files of a new project, from the templates beside this module; each `@name@` in them is what this project calls itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from streamworker_codegen.errors import CannotWrite

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_HIDDEN = "dot-"  # a name that begins so begins with a dot in the project: tools would heed it here


@dataclass(frozen=True)
class Named:
    """The names of a project. pipeline: as it is called everywhere on the server. word: the first of its subjects. stream: its stream."""

    pipeline: str

    @property
    def word(self) -> str:
        return self.pipeline.lower()

    @property
    def stream(self) -> str:
        return self.pipeline.upper().replace("-", "_")


def is_name(name: str) -> bool:
    """Whether a pipeline may be called so."""
    return bool(_NAME.fullmatch(name))


def project_files(named: Named) -> Mapping[str, str]:
    """The text of each file, by its path below the project."""
    values = {"@pipeline@": named.pipeline, "@word@": named.word, "@STREAM@": named.stream}
    texts = {path: each.read_text("utf-8") for path, each in _walk(files(__package__).joinpath("files"), "")}
    texts["schemas/pipeline.schema.json"] = (
        files("streamworker_codegen").joinpath("pipeline.schema.json").read_text("utf-8")
    )
    return {path: _filled(text, values) for path, text in sorted(texts.items())}


def write_project(folder: Path, texts: Mapping[str, str]) -> None:
    """Writes all of them into a folder that is empty, or not there yet. Raises CannotWrite."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CannotWrite(str(folder), "it is not empty; name a folder that is not there yet")
    try:
        for path, text in texts.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, "utf-8")
    except OSError as error:
        raise CannotWrite(str(error.filename or folder), error.strerror or str(error)) from error


def _walk(folder: Traversable, around: str) -> Iterator[tuple[str, Traversable]]:
    for each in folder.iterdir():
        if each.is_dir():
            yield from _walk(each, f"{around}{each.name}/") if each.name != "__pycache__" else ()
        else:
            name = each.name.removesuffix(".txt")
            yield around + (f".{name.removeprefix(_HIDDEN)}" if name.startswith(_HIDDEN) else name), each


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(name, value)
    return text
