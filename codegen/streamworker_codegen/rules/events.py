"""The schemas that the pipeline file names: each an object, each with a class name of its own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import Literal, TypeAlias

from streamworker_codegen import naming
from streamworker_codegen.documents import Place
from streamworker_codegen.fields import types
from streamworker_codegen.graph import Event
from streamworker_codegen.nodes import Node
from streamworker_codegen.pointers import steps
from streamworker_codegen.problems import Position
from streamworker_codegen.registry import Registry
from streamworker_codegen.rules.findings import Findings

Use: TypeAlias = Literal["event", "value"]
USES: tuple[Use, ...] = ("event", "value")


class Events:
    """Events and bucket values by the places of their schemas. `refused`: paths of files whose own problem is reported already."""

    def __init__(self, registry: Registry, refused: Collection[str], findings: Findings) -> None:
        self._registry = registry
        self._refused = refused
        self._findings = findings
        self._found: dict[Use, dict[Place, Event | None]] = {"event": {}, "value": {}}
        self._names: dict[str, Place] = {}

    def at(self, node: Node, use: Use) -> Event | None:
        """The event whose schema a text of the pipeline file names, `events/a.json` or `events/a.json#/$defs/A`; None where it can't be one."""
        place = self._place(node)
        if place is None:
            return None
        if place not in self._found[use]:
            self._found[use][place] = self._event(place, use)
        return self._found[use][place]

    def all(self, use: Use) -> tuple[Event, ...]:
        return tuple(sorted((event for event in self._found[use].values() if event), key=lambda event: event.name))

    def _place(self, node: Node) -> Place | None:
        path, _, pointer = node.text.partition("#")
        document = self._registry.documents.get(path)
        if document is None:
            if path not in self._refused:
                self._findings.error(node.where, "no-such-schema", f"there is no schema {path}", self._suggestion(path))
            return None
        place = self._registry.at(document, pointer)
        if place is None:
            what, mend = (
                f"{path} has no schema at {pointer}",
                "write a JSON pointer: events/common/stored.schema.json#/$defs/Rule",
            )
            self._findings.error(node.where, "no-such-schema", what, mend)
        return place

    def _suggestion(self, path: str) -> str:
        near = get_close_matches(path, self._registry.documents, 1)
        return f"did you mean {near[0]}?" if near else "paths start at schemas/: events/orders/placed.schema.json"

    def _event(self, place: Place, use: Use) -> Event | None:
        found = types(self._registry, [place])
        name = self._name(place)
        if found == {"object"}:
            return Event(name, place) if name else None
        what = "an event is an object" if use == "event" else "a bucket's value is an object"
        self._findings.error(
            place.where, f"{use}-not-object", f"{what}, and this schema takes {_listed(found)}", 'add "type": "object"'
        )
        return None

    def _name(self, place: Place) -> str:
        schema = self._registry.value(place)
        title = schema.get("title") if isinstance(schema, dict) else None
        name = naming.pascal(title) if isinstance(title, str) else _by_path(place)
        if not name:
            what, mend = "no class can be named after this schema", "give it a `title` with a letter in it"
            self._findings.error(_named_at(place), "no-class-name", what, mend)
        elif (earlier := self._names.setdefault(name, place)) != place:
            what = f"two schemas make a class `{name}`: the other is at {earlier.where}"
            mend = "change one `title`" if isinstance(title, str) else "give one of them a `title` of its own"
            self._findings.error(_named_at(place), "doubled-event-name", what, mend)
        return name


def _named_at(place: Place) -> Position:
    """Its title, or where there is none the schema."""
    return place.document.where(f"{place.pointer}/title")


def _by_path(place: Place) -> str:
    """`events/mirakc/recording.failed.schema.json` -> `MirakcRecordingFailed`; `...#/$defs/Rule` -> `Rule`."""
    if place.pointer:
        return naming.pascal(steps(place.pointer)[-1])
    *folders, file = PurePosixPath(place.document.path).parts
    return "".join(naming.pascal(part) for part in (*folders[1:], naming.module(file)))


def _listed(found: Collection[str]) -> str:
    others: Sequence[str] = sorted(found - {"object"}) if isinstance(found, frozenset) else sorted(found)
    if len(found) == 7:
        return "anything"
    return f"{' or '.join(others)} too" if "object" in found else " or ".join(others) or "nothing"
