"""A schema as one self-contained document in the words of 2020-12: what proofs and generated messages are made from.

References are replaced by what they lead to; a schema that holds itself stands in `$defs`. Annotations are left out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from streamworker_codegen.compat.keywords import ASSERTIONS, LISTS, MAPS, SINGLE, since
from streamworker_codegen.dialects import DRAFT4
from streamworker_codegen.documents import Json, Place
from streamworker_codegen.errors import CodegenError
from streamworker_codegen.pointers import child
from streamworker_codegen.registry import Registry
from streamworker_codegen.shapes.dialects import Schema, item_keywords, keywords, step
from streamworker_codegen.shapes.formats import asserted

_LARGEST: Final = 20_000  # schemas in one event, references followed
_DEEPEST: Final = 150
_OUTSIDE: Final = ("$vocabulary", "$dynamicRef", "$recursiveRef", "contentEncoding", "contentMediaType")


class Unmodelled(CodegenError):
    """A schema about which nothing can be proven. `why`: what it says that we can't follow."""

    def __init__(self, place: Place, why: str) -> None:
        self.place = place
        self.why = why
        super().__init__(place, why)


@dataclass(frozen=True)
class Plain:
    """schema: the document. places: where each schema in it was written, by its pointer there. strict: of all that are integers in it,
    whether 1.0 is none, as draft 4 has it."""

    schema: Json
    places: Mapping[str, Place]
    strict: frozenset[bool] = frozenset()

    def where(self, pointer: str) -> Place:
        """The place of the nearest schema around a pointer."""
        while pointer not in self.places and pointer:
            pointer = pointer.rpartition("/")[0]
        return self.places[pointer]


def plain(registry: Registry, place: Place) -> Plain:
    """Raises Unmodelled."""
    writer = _Writer(registry)
    schema = writer.target(place, "")
    if writer.definitions and isinstance(schema, dict):
        schema = {**schema, "$defs": writer.definitions}
    return Plain(schema, writer.places, frozenset(writer.strict))


class _Writer:
    def __init__(self, registry: Registry) -> None:
        self.definitions: dict[str, Json] = {}
        self.places: dict[str, Place] = {}
        self.strict: set[bool] = set()
        self._registry = registry
        self._within: list[Place] = []
        self._recursive: dict[Place, str] = {}
        self._count = 0

    def target(self, place: Place, at: str) -> Json:
        """What a reference to `place` is replaced by."""
        if place in self._recursive:
            return {"$ref": f"#/$defs/{self._recursive[place]}"}
        if place in self._within:
            name = self._recursive[place] = _name(place, self._recursive.values())
            return {"$ref": f"#/$defs/{name}"}
        self.places[at] = place
        self._within.append(place)
        written = self._schema(place, at)
        self._within.pop()
        if place not in self._recursive:
            return written
        name = self._recursive[place]
        self._move(at, f"/$defs/{name}")
        self.definitions[name] = written
        self.places[at] = place
        return {"$ref": f"#/$defs/{name}"}

    def _move(self, old: str, new: str) -> None:
        for pointer in [each for each in self.places if each == old or each.startswith(f"{old}/")]:
            if not pointer.startswith("/$defs/"):
                self.places[new + pointer[len(old) :]] = self.places.pop(pointer)

    def _schema(self, place: Place, at: str) -> Json:
        self._count += 1
        if self._count > _LARGEST or len(self._within) + at.count("/") > 2 * _DEEPEST:
            raise Unmodelled(place, "it is too large, or too deep, with all that it refers to")
        self.places.setdefault(at, place)
        said, boolean = keywords(place)
        if boolean:
            return boolean == "true"
        if "integer" in str(said.get("type")):
            self.strict.add(place.document.draft == DRAFT4.uri)
        if strange := next((each for each in _OUTSIDE if each in said), None):
            raise Unmodelled(place, f"it says `{strange}`")
        return self._with_reference(place, said, at)

    def _with_reference(self, place: Place, said: Schema, at: str) -> Json:
        if "$ref" not in said:
            return dict(self._keywords(place, said, at))
        target = self._registry.target(place)
        if target is None:
            raise Unmodelled(place, "it refers to nothing")
        own = [each for each in said if each in ASSERTIONS or each in SINGLE or each in LISTS or each in MAPS]
        if not own:
            return self.target(target, at)
        written = dict(self._keywords(place, said, at))
        together = written.setdefault("allOf", [])
        assert isinstance(together, list)
        together.append(self.target(target, child(at, "allOf", len(together))))
        return written

    def _keywords(self, place: Place, said: Schema, at: str) -> Iterator[tuple[str, Json]]:
        draft = place.document.draft
        first, rest = item_keywords(said, draft)
        for name, value in said.items():
            if not since(name, draft):
                continue
            if name in (first, rest, "items", "prefixItems", "additionalItems"):
                if name in (first, rest):
                    yield self._items(place, name, "prefixItems" if name == first else "items", value, at)
            elif name == "dependencies":
                yield from self._dependencies(place, value, at)
            elif name == "format":
                if asserted(draft, str(value)):
                    yield name, value
            elif name in ASSERTIONS:
                yield name, value
            else:
                yield from self._applied(place, name, value, at)

    def _items(self, place: Place, name: str, modern: str, value: Json, at: str) -> tuple[str, Json]:
        if isinstance(value, list):
            below = [self._below(place, (name, index), child(at, modern, index)) for index in range(len(value))]
            return modern, list(below)
        return modern, self._below(place, (name,), child(at, modern))

    def _applied(self, place: Place, name: str, value: Json, at: str) -> Iterator[tuple[str, Json]]:
        if name in SINGLE:
            yield name, self._below(place, (name,), child(at, name))
        elif name in LISTS and isinstance(value, list):
            yield name, [self._below(place, (name, index), child(at, name, index)) for index in range(len(value))]
        elif name in MAPS and isinstance(value, dict):
            yield name, {key: self._below(place, (name, key), child(at, name, key)) for key in value}

    def _dependencies(self, place: Place, value: Json, at: str) -> Iterator[tuple[str, Json]]:
        held = value if isinstance(value, dict) else {}
        schemas: dict[str, Json] = {
            key: self._below(place, ("dependencies", key), child(at, "dependentSchemas", key))
            for key, each in held.items()
            if not isinstance(each, list)
        }
        if schemas:
            yield "dependentSchemas", schemas
        if lists := {key: each for key, each in held.items() if isinstance(each, list)}:
            yield "dependentRequired", dict(lists)

    def _below(self, place: Place, steps: tuple[str | int, ...], at: str) -> Json:
        return self._schema(step(place, *steps), at)


def _name(place: Place, taken: Collection[str]) -> str:
    plain = re.sub(r"[^A-Za-z0-9]+", "-", f"{place.document.path}{place.pointer}").strip("-")
    return plain if plain not in taken else f"{plain}-{len(taken)}"
