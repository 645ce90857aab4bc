"""The shapes of events: flat, named, and with what a model can't hold noted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from streamworker_codegen.graph import Graph
from streamworker_codegen.kept import Kept
from streamworker_codegen.problems import Problem
from streamworker_codegen.shapes.doubling import bounded
from streamworker_codegen.shapes.flatten import References
from streamworker_codegen.shapes.names import class_names
from streamworker_codegen.shapes.recalled import Recalling
from streamworker_codegen.shapes.settle import settle
from streamworker_codegen.shapes.types import Definition, Key


@dataclass(frozen=True)
class Shapes:
    """All definitions that the graph's events and bucket values are made of, with their names. events: the key of each, by name."""

    definitions: Mapping[Key, Definition]
    names: Mapping[Key, str]
    events: Mapping[str, Key]
    problems: tuple[Problem, ...]

    def closure(self, key: Key) -> tuple[Definition, ...]:
        """A definition and all that it is made of."""
        return tuple(_reached(self.definitions, [key]).values())

    def sound(self, key: Key) -> bool:
        """Whether the model of a definition accepts no value that the schema refuses."""
        return not any(each.losses for each in self.closure(key))


def read_shapes(graph: Graph, references: References, kept: Kept | None = None) -> Shapes:
    """kept: what each event was read as."""
    reading = Recalling(references, (kept or Kept()).section("shapes"))
    events = {each.name: reading.event(each.schema) for each in (*graph.events, *graph.values)}
    reader = reading.reader
    settled = bounded(settle(reader.definitions))
    reached = _reached(settled, events.values())
    definitions = {key: each for key, each in settled.items() if key in reached}
    names, problems = class_names(definitions, {key: name for name, key in events.items()})
    return Shapes(definitions, names, events, (*reader.problems, *problems, *_notes(definitions)))


def _reached(definitions: Mapping[Key, Definition], keys: Iterable[Key]) -> dict[Key, Definition]:
    """Those that some definitions are made of, themselves first. Others were only looked into, as the alternatives of an event are."""
    found: dict[Key, Definition] = {}
    waiting = list(keys)
    while waiting:
        each = waiting.pop()
        if each not in found:
            found[each] = definitions[each]
            waiting += found[each].uses
    return found


def _notes(definitions: Mapping[Key, Definition]) -> list[Problem]:
    """What is typed wider than its schema says."""
    losses = dict.fromkeys(loss for each in definitions.values() for loss in each.losses if loss.widened)
    return [
        Problem(each.place.where, "wider-type", each.widened, "leave it so where that is meant", "note")
        for each in losses
    ]
