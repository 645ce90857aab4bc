"""Reads every schema file below `schemas/events/` into a Document. One bad file does not hide the others."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from unicodedata import normalize

from streamworker_codegen.dialects import DIALECTS, DRAFT2020, outlined
from streamworker_codegen.documents import Document, Documents, Json, Outline
from streamworker_codegen.errors import Refused
from streamworker_codegen.inputs import schema_files
from streamworker_codegen.json_positions import JsonPositions
from streamworker_codegen.json_text import parse_json
from streamworker_codegen.kept import Kept
from streamworker_codegen.metaschema import check_schema
from streamworker_codegen.problems import Position, Problem
from streamworker_codegen.shared_ids import apart
from streamworker_codegen.silent_keywords import remarks, warnings
from streamworker_codegen.sources import read_source
from streamworker_codegen.uris import address_of, join


def load_documents(schemas: Path, kept: Kept | None = None) -> Documents:
    """All of `schemas/events/**/*.json`, sorted by path; names that begin with a dot are left out. kept: which of them are sound."""
    checked = (kept or Kept()).section("outlines")
    sources: dict[str, _Source] = {}
    files: dict[str, Document] = {}
    problems: dict[str, tuple[Problem, ...]] = {}
    for path in schema_files(schemas):
        relative = path.relative_to(schemas).as_posix()
        try:
            sources[relative] = _read(schemas, relative)
        except Refused as error:
            problems[relative] = error.problems
    dialects = _own_dialects(sources.values())
    for relative, source in sources.items():
        try:
            document = _document(relative, source, dialects)
            outline = checked.recall(f"{document.digest} {document.draft}", partial(_outline, document))
            files[relative] = replace(document, outline=Outline(*outline))
        except Refused as error:
            problems[relative] = error.problems
    known, shared = apart(files)
    refusals = [each for path in sorted(problems) for each in problems[path]]
    silent = (warning for document in files.values() for warning in warnings(document))
    clashes = _case_clashes(schemas.name, [*sources, *problems])
    return Documents(known, frozenset(problems), (*refusals, *shared, *silent, *clashes))


def _outline(document: Document) -> Outline:
    """Raises Refused where it is no schema."""
    schemas = check_schema(document)
    return outlined(schemas, remarks(document, schemas))


def _case_clashes(folder: str, paths: Iterable[str]) -> Iterator[Problem]:
    """Files that are one file where the system does not tell capitals: git would leave one of them out there."""
    first: dict[str, str] = {}
    for path in sorted(set(paths)):
        other = first.setdefault(normalize("NFC", path).casefold(), path)
        if other != path:
            yield Problem(
                Position(f"{folder}/{path}"),
                "case-clash",
                f"{folder}/{other} has the same name but for its capitals, and on macOS and Windows the two are one file",
                "rename one of the two",
            )


@dataclass(frozen=True)
class _Source:
    value: Json
    positions: JsonPositions
    digest: str


def _read(schemas: Path, relative: str) -> _Source:
    """Raises Refused where the file is no JSON."""
    source = read_source(schemas / relative, f"{schemas.name}/{relative}")
    return _Source(parse_json(source), JsonPositions(source.file, source.text), source.digest)


def _own_dialects(sources: Iterable[_Source]) -> dict[str, Json]:
    """The metaschemas in the folder, by their URIs: what `$schema` each has itself."""
    values = [each.value for each in sources if isinstance(each.value, dict) and "$vocabulary" in each.value]
    return {str(each["$id"]).rstrip("#"): each.get("$schema", DRAFT2020.uri) for each in values if "$id" in each}


def _document(relative: str, source: _Source, dialects: Mapping[str, Json]) -> Document:
    """Raises Refused where it says a draft that we do not read."""
    address = address_of(relative)
    if not isinstance(source.value, dict):
        return Document(relative, address, DRAFT2020.uri, source.value, source.positions, digest=source.digest)
    declared = source.value.get("$schema", DRAFT2020.uri)
    draft = _draft(declared, dialects)
    if draft is None:
        raise Refused(_unknown_dialect(source.positions["/$schema"], declared))
    uri = _uri(source.value.get(DIALECTS[draft].id_keyword), address)
    own = str(declared).rstrip("#")
    dialect = "" if own in DIALECTS else own
    return Document(relative, uri, draft, source.value, source.positions, dialect, digest=source.digest)


def _draft(declared: Json, dialects: Mapping[str, Json]) -> str | None:
    """The draft that a dialect is made of, its own metaschema's, or that one's."""
    for _ in range(len(dialects) + 1):
        if not isinstance(declared, str) or declared.rstrip("#") in DIALECTS:
            break
        declared = dialects.get(declared.rstrip("#"))
    return declared.rstrip("#") if isinstance(declared, str) and declared.rstrip("#") in DIALECTS else None


def _unknown_dialect(where: Position, declared: Json) -> Problem:
    return Problem(
        where,
        "unknown-dialect",
        f"`$schema` is {json.dumps(declared, ensure_ascii=False)}, which is no draft that streamworker reads",
        f"use {DRAFT2020.uri}, or the URI of draft 2019-09, 7, 6 or 4",
    )


def _uri(declared: Json, address: str) -> str:
    """An `$id` without its fragment, from the address of its file on."""
    return join(address, declared.partition("#")[0]) if isinstance(declared, str) else address
