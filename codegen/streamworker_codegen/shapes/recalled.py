"""What reading an event came to before. It counts as long as all that was looked at is as it was: the documents, where their references
lead, and which definitions earlier events had brought."""

from __future__ import annotations

import io
import pickle
from base64 import b64decode, b64encode
from collections.abc import Mapping
from types import NoneType
from typing import Final, TypeAlias, cast

from streamworker_codegen.documents import Document, Place
from streamworker_codegen.kept import Section
from streamworker_codegen.shapes import types
from streamworker_codegen.shapes.flatten import References
from streamworker_codegen.shapes.read import Reader
from streamworker_codegen.shapes.types import Definition, Key

_Known: TypeAlias = Mapping[str, Document]
_Step: TypeAlias = tuple[str, str, tuple[str, str] | None]
_Entry: TypeAlias = tuple[Mapping[str, str], list[_Step], str]
"""The state of each document; in order, what was asked of each place, its path and pointer, and the path and pointer of what it refers to;
which definitions were asked for, and those that were made."""
_VALUES: Final = {each.__name__: each for each in (bool, int, str, NoneType)}
"""The types that a definition names."""


class Recalling:
    """Reads events, those that are kept without looking into them."""

    def __init__(self, references: References, kept: Section) -> None:
        self._references = references
        self._kept = kept
        self._watched = _Watched(references)
        self.reader = Reader(self._watched)

    def event(self, place: Place) -> Key:
        """As the reader has it."""
        if Key((place,)) in self.reader.definitions:  # as a part of another one
            return self.reader.event(place)
        name = f"{place.document.path}#{place.pointer}"
        if (entry := self._kept.before.get(name)) and (definitions := self._recalled(place, cast(_Entry, entry))):
            self._kept.now[name] = entry
            self.reader.definitions |= definitions
            return Key((place,))
        return self._read(place, name)

    def _recalled(self, place: Place, entry: _Entry) -> dict[Key, Definition] | None:
        """What was made of it, unless something is not as it was."""
        states, steps, made = entry
        known = {place.document.path: place.document}
        if _state(place.document) != states[place.document.path]:
            return None
        for path, pointer, to in steps:
            target = self._references.target(Place(known[path], pointer))
            if (target and _spot(target)) != (to and tuple(to)):
                return None
            if target and target.document.path not in known:
                known[target.document.path] = target.document
                if _state(target.document) != states[target.document.path]:
                    return None
        asked, definitions = _Unpickler(made, known).load()
        same = all((key in self.reader.definitions) is found for key, found in asked.items())
        return definitions if same else None

    def _read(self, place: Place, name: str) -> Key:
        before, problems = len(self.reader.definitions), len(self.reader.problems)
        self._watched.targets, self.reader.asked = {}, {}
        key = self.reader.event(place)
        targets = self._watched.targets
        documents = {each.document for each in (place, *filter(None, targets.values()))}
        if len(self.reader.problems) == problems and all(each.digest for each in documents):
            new = dict(list(self.reader.definitions.items())[before:])
            steps = [(*_spot(each), to and _spot(to)) for each, to in targets.items()]
            made = _pickled((self.reader.asked, new))
            self._kept.now[name] = ({each.path: _state(each) for each in documents}, steps, made)
        return key


class _Watched:
    """References, and what was asked of them."""

    def __init__(self, references: References) -> None:
        self._references = references
        self.targets: dict[Place, Place | None] = {}

    def target(self, place: Place) -> Place | None:
        self.targets[place] = self._references.target(place)
        return self.targets[place]


def _state(document: Document) -> str:
    return " ".join((document.digest, document.draft, document.dialect, document.uri, document.shared_id))


def _spot(place: Place) -> tuple[str, str]:
    return place.document.path, place.pointer


def _pickled(value: object) -> str:
    file = io.BytesIO()
    _Pickler(file, pickle.HIGHEST_PROTOCOL).dump(value)
    return b64encode(file.getvalue()).decode("ascii")


class _Pickler(pickle.Pickler):
    def persistent_id(self, each: object) -> tuple[str, str] | None:
        """Documents by their paths, and types by their names: they are not made anew."""
        if isinstance(each, Document):
            return "document", each.path
        return ("type", each.__name__) if isinstance(each, type) and each in _VALUES.values() else None


class _Unpickler(pickle.Unpickler):
    """Makes nothing but definitions, and what they consist of: no function can be called from a file."""

    def __init__(self, text: str, documents: _Known) -> None:
        super().__init__(io.BytesIO(b64decode(text)))
        self._documents = documents

    def persistent_load(self, identity: tuple[str, str]) -> object:
        kind, name = identity
        return self._documents[name] if kind == "document" else _VALUES[name]

    def find_class(self, module: str, name: str) -> object:
        if module == Place.__module__ and name == Place.__name__:
            return Place
        found = getattr(types, name, None)
        if module != types.__name__ or not isinstance(found, type) or found.__module__ != module:
            raise pickle.UnpicklingError(f"{module}.{name}")
        return found
