"""The schemas that the pipeline file names: each an object, each with a class name of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from difflib import get_close_matches
from typing import Literal, TypeAlias

from streamworker_codegen.documents import Place
from streamworker_codegen.fields import types
from streamworker_codegen.graph import Event
from streamworker_codegen.imports import RESERVED
from streamworker_codegen.nodes import Node
from streamworker_codegen.problems import Position
from streamworker_codegen.references import unknown
from streamworker_codegen.registry import Registry
from streamworker_codegen.rules.event_names import event_names, title_of
from streamworker_codegen.rules.findings import Findings

Use: TypeAlias = Literal["event", "value"]


class Events:
    """Events and bucket values of a pipeline file, by the places of their schemas. `refused`: paths of files whose own problem is reported
    already; of what refers to them nothing is said, since nobody knows its fields. named: all places that the file names."""

    def __init__(self, root: Node, registry: Registry, refused: Collection[str], findings: Findings) -> None:
        self._registry = registry
        self._refused = refused
        self._unknown = unknown(registry, refused)
        self._findings = findings
        self._found: dict[Use, dict[Place, Event | None]] = {"event": {}, "value": {}}
        self.named = [place for node in _schema_nodes(root) if (place := self._known(node))]
        self._names = event_names(registry, self.named)
        self._first: dict[str, Place] = {}

    def at(self, node: Node, use: Use) -> Event | None:
        """The event whose schema a text of the pipeline file names, `events/a.json` or `events/a.json#/$defs/A`; None where it can't be one."""
        place = self._place(node)
        if place is None or place.document.path in self._unknown:
            return None
        if place not in self._found[use]:
            self._found[use][place] = self._event(place, use)
        return self._found[use][place]

    def all(self, use: Use) -> tuple[Event, ...]:
        return tuple(sorted((event for event in self._found[use].values() if event), key=lambda event: event.name))

    def _known(self, node: Node) -> Place | None:
        path, _, pointer = node.text.partition("#")
        document = self._registry.documents.get(path)
        return self._registry.at(document, pointer) if document else None

    def _place(self, node: Node) -> Place | None:
        place = self._known(node)
        path, _, pointer = node.text.partition("#")
        if place is None and path in self._registry.documents:
            what = f"{path} has no schema at {pointer}"
            mend = "write a JSON pointer: events/common/stored.schema.json#/$defs/Rule"
            self._findings.error(node.where, "no-such-schema", what, mend)
        elif place is None and path not in self._refused:
            self._findings.error(node.where, "no-such-schema", f"there is no schema {path}", self._suggestion(path))
        return place

    def _suggestion(self, path: str) -> str:
        near = get_close_matches(path, self._registry.documents, 1)
        return f"did you mean {near[0]}?" if near else "paths start at schemas/: events/orders/placed.schema.json"

    def _event(self, place: Place, use: Use) -> Event | None:
        found = types(self._registry, [place])
        name = self._name(place)
        if found == {"object"}:
            return Event(name, place)
        what = "an event is an object" if use == "event" else "a bucket's value is an object"
        self._findings.error(
            place.where, f"{use}-not-object", f"{what}, and this schema takes {_listed(found)}", 'add "type": "object"'
        )
        return None

    def _name(self, place: Place) -> str:
        name, title = self._names[place], title_of(self._registry, place)
        if (earlier := self._first.setdefault(name, place)) != place:
            what = f"two schemas make a class `{name}`: the other is at {earlier.where}"
            self._findings.error(_named_at(place), "doubled-event-name", what, "give one of them a `title` of its own")
        elif title and title != name:
            what = f"{self._why_taken(place, title)}: the class is `{name}`, by its path"
            self._findings.warn(_named_at(place), "title-taken", what, "where the schema is yours, give it another")
        return name

    def _why_taken(self, place: Place, title: str) -> str:
        if title in RESERVED:
            return "generated code uses that name itself"
        other = next(each for each in self._names if each != place and title_of(self._registry, each) == title)
        return f"{other.document.path} has that `title` too"


def schema_node(subject: Node) -> Node:
    """What names the schema of a subject: its value, or in the long form a key of it."""
    return subject["event"] if isinstance(subject.value, dict) else subject


def _schema_nodes(root: Node) -> Iterator[Node]:
    yield from map(schema_node, root["subjects"])
    yield from (bucket["value"] for bucket in root["buckets"] if "value" in bucket)


def _named_at(place: Place) -> Position:
    """Its title, or where there is none the schema."""
    return place.document.where(f"{place.pointer}/title")


def _listed(found: Collection[str]) -> str:
    others: Sequence[str] = sorted(found - {"object"}) if isinstance(found, frozenset) else sorted(found)
    if len(found) == 7:
        return "anything"
    return f"{' or '.join(others)} too" if "object" in found else " or ".join(others) or "nothing"
