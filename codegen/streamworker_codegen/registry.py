"""Every schema of the folder by its URIs, so that a reference leads to a document and a pointer, and never out of the folder.

A document answers to the address of its file and, unless several have the same one, to its `$id`. A reference is followed by `$id`, as
JSON Schema has it; where that leads to nothing, as a path from its file, as most tools do.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

from streamworker_codegen.dialects import DIALECTS, Dialect, outlined, subschemas
from streamworker_codegen.documents import Document, Json, Place
from streamworker_codegen.errors import UnresolvedReference, Why
from streamworker_codegen.metaschema import metaschema_documents
from streamworker_codegen.pointers import child
from streamworker_codegen.uris import address_of, escaped, join, split

_Key = TypeVar("_Key")


@dataclass(frozen=True)
class Reference:
    """A `$ref` (or `$dynamicRef`, `$recursiveRef`) in the schema at `place`."""

    place: Place
    keyword: str
    text: str

    @property
    def at(self) -> Place:
        return Place(self.place.document, child(self.place.pointer, self.keyword))


@dataclass
class _Index:
    """What was read of one document: the pointers of its schemas, base URIs by pointer, and references."""

    schemas: set[str] = field(default_factory=set)
    bases: dict[str, str] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)


class Registry:
    """The schemas in `documents`. `clashes` are those with the `$id` or anchor of another one: the later and the earlier.
    `metaschemas`: the documents of those that are referred to."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.documents: Mapping[str, Document] = {document.path: document for document in documents}
        self.metaschemas: list[Document] = []
        self.clashes: list[tuple[Place, Place]] = []
        self._resources = {address_of(path): Place(document) for path, document in self.documents.items()}
        self._anchors: dict[tuple[Place, str], Place] = {}
        self._resolved: dict[tuple[Place, str], Place] = {}
        self._indexes = {path: _Index(bases={"": address_of(path)}) for path in self.documents}
        for document in self.documents.values():
            self._read(Place(document), DIALECTS[document.draft])
        self._read_metaschemas()
        self._read_hidden()

    def references(self) -> Iterator[Reference]:
        """Every reference of every schema, in the order of the documents."""
        for index in self._indexes.values():
            yield from index.references

    def spelling(self, reference: Reference) -> str:
        """A reference as it has to be written for who goes by `$id` alone, and takes nothing for a URI that is none."""
        address, fragment = split(join(self.base(reference.place), reference.text))
        resource = self._resources.get(address) or self._by_file(reference.place, reference.text)
        if reference.text.startswith("#") or resource is None or self.base(resource) == address:
            return escaped(reference.text)
        return f"{self.base(resource)}#{escaped(fragment)}" if fragment else self.base(resource)

    def at(self, document: Document, pointer: str) -> Place | None:
        """The schema at a JSON pointer; None where there is none."""
        place = Place(document, pointer)
        try:
            return place if isinstance(self.value(place), dict | bool) else None
        except LookupError:
            return None

    def value(self, place: Place) -> Json:
        """Raises LookupError where there is nothing."""
        return place.document.value_at(place.pointer)

    def resolve(self, place: Place, reference: str) -> Place:
        """Where a reference in the schema at `place` leads. Raises UnresolvedReference."""
        known = self._resolved.get((place, reference))
        if known is None:
            known = self._resolved[place, reference] = self._resolve(place, reference)
        return known

    def _resolve(self, place: Place, reference: str) -> Place:
        target = join(self.base(place), reference)
        address, fragment = split(target)
        if reference.startswith("#"):
            resource: Place | None = self._resource(place)
        else:
            resource = self._resources.get(address) or self._by_file(place, reference)
        if resource is None:
            raise UnresolvedReference(reference, target, self._why(place, reference, address))
        found = self._within(resource, fragment)
        if found is None:
            raise UnresolvedReference(reference, target, "nothing")
        return found

    def target(self, place: Place) -> Place | None:
        """Where the `$ref` of the schema at `place` leads; None where there is none, or where it leads to nothing."""
        schema = self.value(place)
        reference = schema.get("$ref") if isinstance(schema, dict) else None
        return self._target(place, reference) if isinstance(reference, str) else None

    def base(self, place: Place) -> str:
        """The URI that references in the schema at `place` start from: that of the nearest `$id` around it."""
        return self._indexes[place.document.path].bases[self._resource(place).pointer]

    def _why(self, place: Place, reference: str, address: str) -> Why:
        if any(document.shared_id == address for document in self.documents.values()):
            return "shared"
        scheme = urlsplit(reference).scheme
        if scheme in ("http", "https"):
            return "web"
        path = posixpath.normpath(posixpath.join(posixpath.dirname(place.document.path), split(reference)[0]))
        return "outside" if scheme == "file" or not path.startswith("events/") else "nothing"

    def _resource(self, place: Place) -> Place:
        """The nearest schema around `place` that has an `$id`, or else the whole document."""
        bases = self._indexes[place.document.path].bases
        pointer = place.pointer
        while pointer not in bases:
            pointer = pointer.rpartition("/")[0]
        return Place(place.document, pointer)

    def _target(self, place: Place, reference: str) -> Place | None:
        try:
            return self.resolve(place, reference)
        except UnresolvedReference:
            return None

    def _by_file(self, place: Place, reference: str) -> Place | None:
        """The resource that a reference means as a path from its own file."""
        return self._resources.get(split(join(address_of(place.document.path), reference))[0])

    def _within(self, resource: Place, fragment: str) -> Place | None:
        if fragment and not fragment.startswith("/"):
            return self._anchors.get((self._resource(resource), fragment))
        return self.at(resource.document, resource.pointer + fragment)

    def _read(self, root: Place, dialect: Dialect) -> None:
        index = self._indexes[root.document.path]
        outline = None if root.pointer else root.document.outline
        schemas, names, _ = outline or outlined(subschemas(self.value(root), dialect, root.pointer))
        for pointer, uri in names:
            if pointer not in index.schemas:
                self._read_schema(Place(root.document, pointer), DIALECTS[uri], index)
        index.schemas.update(schemas)

    def _read_metaschemas(self) -> None:
        """Those of the drafts that a schema refers to: they are known everywhere, and need not be in the folder."""
        referred = {join(self.base(reference.place), reference.text) for reference in self.references()}
        for draft in DIALECTS:
            folder = draft.rpartition("/")[0]
            known = metaschema_documents(draft) if any(uri.startswith(f"{folder}/") for uri in referred) else ()
            self.metaschemas += known
            for document in known:
                self._resources[document.uri] = Place(document)
                self._indexes[document.path] = _Index(bases={"": document.uri})
                self._read(Place(document), DIALECTS[draft])

    def _read_hidden(self) -> None:
        """Schemas that stand where no keyword holds one, and are referred to there."""
        waiting = list(self.references())
        while waiting:
            reference = waiting.pop()
            target = self._target(reference.place, reference.text)
            if target and target.pointer not in self._indexes[target.document.path].schemas:
                references = self._indexes[target.document.path].references
                known = len(references)
                self._read(target, DIALECTS[target.document.draft])
                waiting += references[known:]

    def _read_schema(self, place: Place, dialect: Dialect, index: _Index) -> None:
        schema = self.value(place)
        assert isinstance(schema, dict)
        for keyword in dialect.references:
            if isinstance(text := schema.get(keyword), str):
                index.references.append(Reference(place, keyword, text))
        if dialect.lone_reference and "$ref" in schema:
            return
        self._read_id(place, schema.get(dialect.id_keyword), dialect, index)
        for keyword in dialect.anchors:
            if isinstance(anchor := schema.get(keyword), str):
                self._add(self._anchors, (self._resource(place), anchor), place)

    def _read_id(self, place: Place, declared: Json, dialect: Dialect, index: _Index) -> None:
        if not isinstance(declared, str):
            return
        address, fragment = split(declared)
        if address:
            index.bases[place.pointer] = join(self.base(place), address)
            self._add(self._resources, index.bases[place.pointer], place)
        if fragment and dialect.lone_reference:
            self._add(self._anchors, (self._resource(place), fragment), place)

    def _add(self, known: dict[_Key, Place], key: _Key, place: Place) -> None:
        earlier = known.setdefault(key, place)
        if earlier != place:
            self.clashes.append((place, earlier))
