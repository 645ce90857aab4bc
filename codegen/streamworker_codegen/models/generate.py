"""Definitions -> the text of each: datamodel-code-generator makes those that it has not made before, some hundred in one job, while the
compiler goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import Final, TypeAlias

from streamworker_codegen.kept import Section
from streamworker_codegen.manifest import digest
from streamworker_codegen.models.generator import Job
from streamworker_codegen.models.making import Making
from streamworker_codegen.models.requests import Request, requests
from streamworker_codegen.models.schema import DIALECT, RUNTIME, Schema, Schemas
from streamworker_codegen.models.source import Piece, Source
from streamworker_codegen.shapes.types import Definition, Key

_TEMPLATES: Final = Path(__file__).parent.parent / "templates" / "models"
_PART: Final = 250  # definitions of one job: about as long as a process takes to start


Pieces: TypeAlias = Mapping[str, Piece]


@contextmanager
def asked_for(
    definitions: Mapping[Key, Definition], names: Mapping[Key, str], making: Making, templates: Path | None = None
) -> Iterator[Callable[[], Pieces]]:
    """The source of each definition, by its name, for who has time to wait for it. What is kept of an earlier run is not made again."""
    schemas, kept = Schemas(names), making.kept.section("classes")
    salt = _salt(templates)
    asked = {each.key(salt): each for each in requests(definitions, names, schemas)}
    new = [each for key, each in asked.items() if key not in kept.before]
    parts = [new[at : at + _PART] for at in range(0, len(new), _PART)]
    with _template_folder(templates) as folder:
        texts = making.texts([_job(each, folder) for each in parts])

        def pieces() -> Pieces:
            made = _made(parts, texts, schemas, making)
            return {each.name: _recalled(kept, key, each, made) for key, each in asked.items()}

        yield pieces


def _salt(templates: Path | None) -> str:
    """What the text depends on, beside what is asked for: the project's own templates for it."""
    own = sorted((templates / "models").rglob("*.jinja2")) if templates else []
    return "".join(digest(each.read_bytes()) for each in own)


def _recalled(kept: Section, key: str, asked: Request, made: Pieces) -> Piece:
    text, uses = kept.recall(key, lambda: (made[asked.name].text, sorted(made[asked.name].uses)))
    return Piece(text, frozenset(uses))


def _made(
    parts: Sequence[Sequence[Request]], texts: Iterable[str], schemas: Schemas, making: Making
) -> dict[str, Piece]:
    made: dict[str, Piece] = {}
    for part, text in zip(parts, texts, strict=True):
        made |= Source(text, schemas.stand_ins, {key: each for each, key in _keys(part)}).pieces
        making.told(len(made), sum(map(len, parts)))
    return made


def _keys(part: Sequence[Request]) -> Iterator[tuple[Request, str]]:
    """With names that mean nothing to the generator."""
    return ((each, f"Definition{at}") for at, each in enumerate(part))


def _job(part: Sequence[Request], templates: Path) -> Job:
    document: Schema = {"$schema": DIALECT, "$defs": {key: dict(each.schema) for each, key in _keys(part)}}
    bases = {key: each.base for each, key in _keys(part) if each.base}
    told = {key: each.told for each, key in _keys(part) if each.told}
    return Job(document, f"{RUNTIME}.Part", bases, told, str(templates))


@contextmanager
def _template_folder(own: Path | None) -> Iterator[Path]:
    """Our templates, or a copy with a project's own over them: the generator looks in one folder alone."""
    if own is None or not (own / "models").is_dir():
        yield _TEMPLATES
        return
    with TemporaryDirectory() as folder:
        copytree(_TEMPLATES, folder, dirs_exist_ok=True)
        copytree(own / "models", folder, dirs_exist_ok=True)
        yield Path(folder)
