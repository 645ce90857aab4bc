"""Reads every schema file below `schemas/events/` into a Document. One bad file does not hide the others."""

from __future__ import annotations

import json
from pathlib import Path

from streamworker_codegen.dialects import DIALECTS, DRAFT2020
from streamworker_codegen.documents import Document, Documents, Json
from streamworker_codegen.errors import Refused
from streamworker_codegen.inputs import schema_files
from streamworker_codegen.json_positions import JsonPositions
from streamworker_codegen.json_text import parse_json
from streamworker_codegen.metaschema import check_schema
from streamworker_codegen.problems import Problem
from streamworker_codegen.sources import read_source
from streamworker_codegen.uris import address_of, join


def load_documents(schemas: Path) -> Documents:
    """All of `schemas/events/**/*.json`, sorted by path; names that begin with a dot are left out."""
    files: dict[str, Document] = {}
    refused: set[str] = set()
    problems: list[Problem] = []
    for path in schema_files(schemas):
        relative = path.relative_to(schemas).as_posix()
        try:
            document = load_document(schemas, relative)
            check_schema(document)
        except Refused as error:
            refused.add(relative)
            problems += error.problems
        else:
            files[relative] = document
    return Documents(files, frozenset(refused), tuple(problems))


def load_document(schemas: Path, relative: str) -> Document:
    """Raises Refused where the file is no JSON, or says a draft that we do not read."""
    source = read_source(schemas / relative, f"{schemas.name}/{relative}")
    value = parse_json(source)
    positions = JsonPositions(source.file, source.text)
    document = Document(relative, address_of(relative), DRAFT2020.uri, value, positions)
    if not isinstance(value, dict):
        return document
    draft = _draft(document, value)
    return Document(relative, _uri(value.get(DIALECTS[draft].id_keyword), document.uri), draft, value, positions)


def _draft(document: Document, value: dict[str, Json]) -> str:
    declared = value.get("$schema", DRAFT2020.uri)
    if isinstance(declared, str) and declared.rstrip("#") in DIALECTS:
        return declared.rstrip("#")
    raise Refused(
        Problem(
            document.where("/$schema"),
            "unknown-dialect",
            f"`$schema` is {json.dumps(declared, ensure_ascii=False)}, which is no draft that streamworker reads",
            f"use {DRAFT2020.uri}, or the URI of draft 2019-09, 7, 6 or 4",
        )
    )


def _uri(declared: Json, address: str) -> str:
    """An `$id` without its fragment, from the address of its file on."""
    return join(address, declared.partition("#")[0]) if isinstance(declared, str) else address
