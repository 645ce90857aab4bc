"""`generated/contract.json`: the schemas that the runtime holds events to, as they were written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from hashlib import sha256
from urllib.parse import quote

from streamworker_codegen.bundle import Bundle
from streamworker_codegen.documents import Document, Json
from streamworker_codegen.errors import UnresolvedReference
from streamworker_codegen.graph import Event, Graph
from streamworker_codegen.kept import Kept, Section
from streamworker_codegen.registry import Reference, Registry
from streamworker_codegen.repeats import Repeats, repeats_of
from streamworker_codegen.shapes import Shapes


def contract(graph: Graph, shapes: Shapes, registry: Registry, kept: Kept | None = None) -> tuple[str, str]:
    """The text of `contract.json`, and its version. kept: the texts of single documents."""
    texts = _Texts(Bundle(registry), (kept or Kept()).section("documents"))
    needs = _Closures(registry, texts)
    events = (*graph.events, *graph.values)
    needed = {each.uri: each for event in events for each in needs.of(event.schema.document)}
    repeats = repeats_of(registry)
    entries: dict[str, Json] = {
        "events": {each.name: _entry(each, shapes, needs, repeats) for each in graph.events},
        "values": {each.name: _entry(each, shapes, needs, repeats) for each in graph.values},
    }
    version = _hash([{uri: needs.digest(each) for uri, each in needed.items()}, entries])
    documents = {uri: texts.of(each) for uri, each in sorted(needed.items())}
    body = {"version": _text(version), "documents": _object(documents)}
    return _object(body | {name: _text(each) for name, each in entries.items()}) + "\n", version


class _Texts:
    """Documents as JSON, and their hashes: by far most of the contract, and of the work on it."""

    def __init__(self, bundle: Bundle, kept: Section) -> None:
        self._bundle = bundle
        self._kept = kept
        self._made: dict[Document, tuple[str, str]] = {}

    def of(self, document: Document) -> str:
        return self._both(document)[0]

    def digest(self, document: Document) -> str:
        """Of one document alone: many events share it."""
        return self._both(document)[1]

    def _both(self, document: Document) -> tuple[str, str]:
        if document not in self._made:
            as_written = self._bundle.is_as_written(document)
            make = partial(self._make, document)
            self._made[document] = self._kept.recall(document.digest, make) if as_written else make()
        return self._made[document]

    def _make(self, document: Document) -> tuple[str, str]:
        return _text(self._bundle.value(document)), _hash(document.value)


def _text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def _object(texts: Mapping[str, str]) -> str:
    """As `_text` has an object, of the texts of its values."""
    members = (f"{_text(name)}: {text}".replace("\n", "\n ") for name, text in texts.items())
    return "{\n " + ",\n ".join(members) + "\n}" if texts else "{}"


def _entry(event: Event, shapes: Shapes, needs: _Closures, repeats: Repeats) -> Json:
    repeated = repeats.of(event.schema)
    closure = {each.uri: needs.digest(each) for each in needs.of(event.schema.document)}
    return {
        "schema": f"{event.schema.document.uri}#{quote(event.schema.pointer)}",
        "sound": shapes.sound(shapes.events[event.name]),
        **({"repeats": repeated} if repeated > 1 else {}),
        "hash": _hash([event.schema.pointer, dict(sorted(closure.items()))]),
    }


class _Closures:
    """The documents that a document refers to, directly or through others; itself first."""

    def __init__(self, registry: Registry, texts: _Texts) -> None:
        self._needs: dict[Document, dict[Document, None]] = {}
        self.digest = texts.digest
        by_uri = {each.uri: each for each in registry.documents.values()}
        for document in by_uri.values():
            if document.dialect:
                self._needs.setdefault(document, {})[by_uri[document.dialect]] = None
        for reference in registry.references():
            target = _target(registry, reference)
            if target is not None:
                self._needs.setdefault(reference.place.document, {})[target] = None

    def of(self, document: Document) -> list[Document]:
        found = {document: None}
        waiting = [document]
        while waiting:
            new = [each for each in self._needs.get(waiting.pop(), ()) if each not in found]
            found |= dict.fromkeys(new)
            waiting += new
        return list(found)


def _target(registry: Registry, reference: Reference) -> Document | None:
    try:
        return registry.resolve(reference.place, reference.text).document
    except UnresolvedReference:
        return None


def _hash(value: Json) -> str:
    return sha256(json.dumps(value, sort_keys=True, ensure_ascii=True).encode()).hexdigest()[:16]
