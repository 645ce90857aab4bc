"""Schema documents for a validator: as they were written, but for references that it would not follow as the registry does."""

from __future__ import annotations

from copy import deepcopy

from streamworker_codegen.documents import Document, Json
from streamworker_codegen.pointers import follow
from streamworker_codegen.registry import Reference, Registry


class Bundle:
    """The documents of a registry, to be known by their `uri`."""

    def __init__(self, registry: Registry) -> None:
        self._spelt: dict[Document, list[tuple[Reference, str]]] = {}
        for reference in registry.references():
            spelling = registry.spelling(reference)
            if spelling != reference.text:
                self._spelt.setdefault(reference.place.document, []).append((reference, spelling))

    def is_as_written(self, document: Document) -> bool:
        """Whether it is its file, word for word."""
        return bool(document.digest) and not document.shared_id and document not in self._spelt

    def value(self, document: Document) -> Json:
        if document not in self._spelt:
            return document.value
        value = deepcopy(document.value)
        for reference, spelling in self._spelt[document]:
            schema = follow(value, reference.place.pointer)
            assert isinstance(schema, dict)
            schema[reference.keyword] = spelling
        return value
