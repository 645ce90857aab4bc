"""The schemas of events, bundled: each file a component, each reference one within the document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from urllib.parse import quote

from streamworker_codegen.dialects import DIALECTS, DRAFT2020
from streamworker_codegen.documents import Document, Json, Place
from streamworker_codegen.errors import UnresolvedReference
from streamworker_codegen.naming import pascal
from streamworker_codegen.pointers import follow
from streamworker_codegen.registry import Reference, Registry

_FORMAT = "application/schema+json;version="
_VERSIONS = {
    "https://json-schema.org/draft/2020-12/schema": "2020-12",
    "https://json-schema.org/draft/2019-09/schema": "2019-09",
    "http://json-schema.org/draft-07/schema": "draft-07",
    "http://json-schema.org/draft-06/schema": "draft-06",
    "http://json-schema.org/draft-04/schema": "draft-04",
}


class Payloads:
    """Which schemas are needed, and where they stand in `#/components/schemas`."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._references: dict[str, list[Reference]] = {}
        for reference in registry.references():
            self._references.setdefault(reference.place.document.path, []).append(reference)
        self._names = _names(registry)
        self._needed: dict[str, Document] = {}

    def payload(self, place: Place) -> Json:
        """The payload of a message: a schema with the name of its dialect."""
        self._need(place.document)
        return {"schemaFormat": format_of(place.document), "schema": {"$ref": self._address(place)}}

    def components(self) -> dict[str, Json]:
        """What the payloads so far refer to, directly or through others, by name."""
        made = {path: self._component(each) for path, each in sorted(self._needed.items())}
        return {self._names[path]: component for path, component in made.items()}

    def _need(self, document: Document) -> None:
        waiting = [document]
        while waiting:
            each = waiting.pop()
            if each.path not in self._needed:
                self._needed[each.path] = each
                waiting += [target.document for _, target in self._targets(each)]

    def _targets(self, document: Document) -> Iterator[tuple[Reference, Place]]:
        for reference in self._references.get(document.path, ()):
            try:
                target = self._registry.resolve(reference.place, reference.text)
            except UnresolvedReference:
                continue
            if target.document.path in self._registry.documents:
                yield reference, target

    def _address(self, place: Place) -> str:
        return f"#/components/schemas/{self._names[place.document.path]}/schema{quote(place.pointer)}"

    def _component(self, document: Document) -> Json:
        """The schemas as they were written, but for names and references that mean another place now."""
        value = deepcopy(document.value)
        for reference, target in self._targets(document):
            schema = follow(value, reference.place.pointer)
            assert isinstance(schema, dict)
            schema[reference.keyword] = self._address(target)
        if isinstance(value, dict):
            value.pop(DIALECTS[document.draft].id_keyword, None)
            value.setdefault("$schema", DRAFT2020.uri)
        return {"schemaFormat": format_of(document), "schema": value}


def format_of(document: Document) -> str:
    """https://www.asyncapi.com/docs/reference/specification/v3.0.0#multiFormatSchemaObject."""
    return f"{_FORMAT}{_VERSIONS[document.draft.rstrip('#')]}"


def _names(registry: Registry) -> Mapping[str, str]:
    """`events/orders/placed.schema.json` -> `OrdersPlaced`; where two would be one, the whole path says it."""
    plain = {path: pascal(_stem(path).partition("/")[2]) or "Schema" for path in registry.documents}
    names = list(plain.values())
    return {
        path: name if names.count(name) == 1 else quote(path, safe="").replace("%", "-") for path, name in plain.items()
    }


def _stem(path: str) -> str:
    return path.removesuffix(".json").removesuffix(".schema")
