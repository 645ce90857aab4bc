"""The checked graph: what the pipeline file declares, with every name resolved. See `check_graph` for the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from streamworker_codegen.documents import Json, Place
from streamworker_codegen.problems import Position

Emit: TypeAlias = Literal["one", "maybe", "many", "none"]


@dataclass(frozen=True)
class Event:
    """An event of a subject or a value of a bucket. `name` is its class: the title, else by its path."""

    name: str
    schema: Place


@dataclass(frozen=True)
class Subject:
    """name: as declared. filter: with `*` for each token. tokens: the dotted fields, in order."""

    name: str
    filter: str
    tokens: tuple[str, ...]
    event: Event
    constant: str
    stream: str
    where: Position
    unknown: Literal["refuse", "pass"] = "refuse"
    readers: Literal["pipeline", "external"] = "pipeline"


@dataclass(frozen=True)
class Worker:
    """options: the fields of the runtime's WorkerOptions that the file sets, durations in seconds; nested: retry, batch."""

    name: str
    source: tuple[Subject, ...]
    sink: tuple[Subject, ...]
    emit: Emit
    options: Mapping[str, object]
    where: Position


@dataclass(frozen=True)
class Stream:
    """settings: keyword arguments of the runtime's Stream beside name and subjects; durations in seconds, sizes in bytes."""

    name: str
    subjects: tuple[str, ...]
    settings: Mapping[str, object]
    where: Position


@dataclass(frozen=True)
class Bucket:
    """value is None for an object store."""

    name: str
    key: str
    value: Event | None
    settings: Mapping[str, object]
    where: Position


@dataclass(frozen=True)
class Http:
    name: str
    url: str
    timeout: float
    where: Position


@dataclass(frozen=True)
class SseIngest:
    """settings: the other keyword arguments of the runtime's SseSpec."""

    name: str
    url: str
    events: Mapping[str, Subject]
    settings: Mapping[str, Json]
    where: Position


@dataclass(frozen=True)
class TimerIngest:
    name: str
    every: float
    subject: Subject
    where: Position


@dataclass(frozen=True)
class Graph:
    """`events` are the events of the subjects and `values` those of the buckets, each once, sorted by name."""

    pipeline: str
    outage: float
    streams: tuple[Stream, ...]
    dead_letters: Stream
    subjects: tuple[Subject, ...]
    workers: tuple[Worker, ...]
    ingests: tuple[SseIngest | TimerIngest, ...] = ()
    buckets: tuple[Bucket, ...] = ()
    http: tuple[Http, ...] = ()
    events: tuple[Event, ...] = ()
    values: tuple[Event, ...] = field(default=())
