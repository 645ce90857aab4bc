"""What is known of an event: its model, where the contract is enforced, and who reads and writes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from streamworker_codegen.graph import Event, Graph, SseIngest, Subject, TimerIngest
from streamworker_codegen.handler_uses import Uses
from streamworker_codegen.reading import Reading
from streamworker_codegen.shapes import Shapes
from streamworker_codegen.shapes.types import (
    Array,
    Definition,
    Map,
    NamedType,
    ObjectShape,
    Row,
    Text,
    Timestamp,
    Type,
    Union,
)


@dataclass(frozen=True)
class Carried:
    """A subject that carries the event: who writes to it, and who reads it."""

    subject: str
    stream: str
    writers: tuple[str, ...]
    readers: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """schema: where it is written. unsound: the keywords that only the schema validator can hold an event to, with their places; none
    where the model is sound. beside: what the model has the validator check of a single text, with how often it stands there. notes: what
    is typed wider than the schema says. buckets: those whose value it is."""

    name: str
    schema: str
    draft: str
    fields: int
    classes: int
    unsound: tuple[str, ...]
    beside: tuple[str, ...]
    notes: tuple[str, ...]
    carried: tuple[Carried, ...]
    buckets: tuple[str, ...]

    @property
    def sound(self) -> bool:
        return not self.unsound


def find_event(graph: Graph, name: str) -> Event | None:
    """By its class, its schema file, or a subject that carries it (declared, or its constant)."""
    path = name.removeprefix("schemas/")
    for subject in graph.subjects:
        if name in (subject.name, subject.constant):
            return subject.event
    events = (*graph.events, *graph.values)
    return next((each for each in events if each.name == name or each.schema.document.path == path), None)


def facts_of(event: Event, reading: Reading, graph: Graph, shapes: Shapes, uses: Mapping[str, Uses]) -> Facts:
    closure = shapes.closure(shapes.events[event.name])
    losses = dict.fromkeys(loss for each in closure for loss in each.losses)
    named = [subject for subject in graph.subjects if subject.event == event]
    return Facts(
        name=event.name,
        schema=str(event.schema.where),
        draft=event.schema.document.draft,
        fields=sum(len(each.fields) for each in closure if isinstance(each, ObjectShape)),
        classes=sum(isinstance(each, ObjectShape) for each in closure),
        unsound=tuple(f"{loss.keyword} at {loss.place.where}" for loss in losses),
        beside=tuple(f"{what} ({count})" for what, count in sorted(Counter(_checked(closure)).items())),
        notes=tuple(f"{loss.place.where}: {loss.widened}" for loss in losses if loss.widened),
        carried=tuple(_carried(subject, graph, uses) for subject in named),
        buckets=tuple(bucket.name for bucket in graph.buckets if bucket.value == event),
    )


def _carried(subject: Subject, graph: Graph, uses: Mapping[str, Uses]) -> Carried:
    writers = [f"ingest {each.name}" for each in graph.ingests if subject in _published(each)]
    writers += [f"worker {each.name}" for each in graph.workers if subject in each.sink]
    writers += [
        f"the handler of {each.name}"
        for each in graph.workers
        if subject.constant in uses.get(each.name, Uses()).subjects and subject not in (*each.source, *each.sink)
    ]
    readers = [f"worker {each.name}" for each in graph.workers if subject in each.source]
    readers += ["readers outside"] if subject.readers == "external" else []
    return Carried(subject.name, subject.stream, tuple(writers), tuple(readers))


def _published(ingest: SseIngest | TimerIngest) -> list[Subject]:
    return list(ingest.events.values()) if isinstance(ingest, SseIngest) else [ingest.subject]


def _checked(closure: tuple[Definition, ...]) -> Iterator[str]:
    for each in closure:
        types = [field.type for field in each.fields] if isinstance(each, ObjectShape) else []
        types += [each.type] if isinstance(each, NamedType) else []
        for type_ in types:
            yield from _asserts(type_)


def _asserts(type_: Type) -> Iterator[str]:
    match type_:
        case Timestamp():
            yield "format date-time"
        case Text(asserts=asserts):
            yield from (f"format {each.argument}" if each.keyword == "format" else each.keyword for each in asserts)
        case Array(items) | Map(items):
            yield from _asserts(items)
        case Row(items) | Union(items):
            for item in items:
                yield from _asserts(item)
        case _:
            return
