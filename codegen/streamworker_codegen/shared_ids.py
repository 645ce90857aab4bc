"""Documents with one `$id`: it names none of them, and each is known by its path alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from streamworker_codegen.dialects import DIALECTS
from streamworker_codegen.documents import Document
from streamworker_codegen.problems import Problem
from streamworker_codegen.uris import address_of


def apart(files: Mapping[str, Document]) -> tuple[dict[str, Document], list[Problem]]:
    """The documents by their paths, those that share an `$id` without it, and a warning for each of these."""
    holders: dict[str, list[Document]] = defaultdict(list)
    for document in files.values():
        holders[document.uri].append(document)
    shared = [each for each in holders.values() if len(each) > 1]
    changed = {document.path: _without_id(document) for each in shared for document in each}
    warnings = [_warning(document, each) for each in shared for document in each]
    return {path: changed.get(path, document) for path, document in files.items()}, warnings


def _without_id(document: Document) -> Document:
    assert isinstance(document.value, dict)  # else it has no `$id`
    keyword = DIALECTS[document.draft].id_keyword
    value = {name: each for name, each in document.value.items() if name != keyword}
    return replace(document, uri=address_of(document.path), value=value, shared_id=document.uri)


def _warning(document: Document, holders: Iterable[Document]) -> Problem:
    others = ", ".join(each.path for each in holders if each is not document)
    return Problem(
        document.where("/" + DIALECTS[document.draft].id_keyword),
        "doubled-id",
        f"{others} has this `$id` too: it names none of them, and references go by path",
        "where the schemas are yours, change one `$id`: a copied file wants another",
        "warning",
    )
