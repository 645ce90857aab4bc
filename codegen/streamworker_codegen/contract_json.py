"""`generated/contract.json`: the schemas that the runtime holds events to, as they were written."""

from __future__ import annotations

import json
from hashlib import sha256
from urllib.parse import quote

from streamworker_codegen.bundle import Bundle
from streamworker_codegen.documents import Document, Json
from streamworker_codegen.errors import UnresolvedReference
from streamworker_codegen.graph import Event, Graph
from streamworker_codegen.registry import Reference, Registry
from streamworker_codegen.repeats import Repeats, repeats_of
from streamworker_codegen.shapes import Shapes


def contract(graph: Graph, shapes: Shapes, registry: Registry) -> tuple[str, str]:
    """The text of `contract.json`, and its version."""
    needs = _Closures(registry)
    events = (*graph.events, *graph.values)
    needed = {each.uri: each for event in events for each in needs.of(event.schema.document)}
    repeats = repeats_of(registry)
    entries: dict[str, Json] = {
        "events": {each.name: _entry(each, shapes, needs, repeats) for each in graph.events},
        "values": {each.name: _entry(each, shapes, needs, repeats) for each in graph.values},
    }
    version = _hash([{uri: needs.digest(each) for uri, each in needed.items()}, entries])
    bundle = Bundle(registry)
    documents = {uri: bundle.value(each) for uri, each in sorted(needed.items())}
    body: dict[str, Json] = {"version": version, "documents": documents, **entries}
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n", version


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

    def __init__(self, registry: Registry) -> None:
        self._needs: dict[Document, dict[Document, None]] = {}
        self._digests: dict[Document, str] = {}
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

    def digest(self, document: Document) -> str:
        """Of one document alone: many events share it."""
        if document not in self._digests:
            self._digests[document] = _hash(document.value)
        return self._digests[document]


def _target(registry: Registry, reference: Reference) -> Document | None:
    try:
        return registry.resolve(reference.place, reference.text).document
    except UnresolvedReference:
        return None


def _hash(value: Json) -> str:
    return sha256(json.dumps(value, sort_keys=True, ensure_ascii=True).encode()).hexdigest()[:16]
