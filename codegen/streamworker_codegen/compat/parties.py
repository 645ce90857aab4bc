"""Who writes and who reads the messages of a subject."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from streamworker_codegen.graph import Graph, SseIngest, Subject
from streamworker_codegen.handler_uses import Uses


@dataclass(frozen=True)
class Parties:
    """closed: whether all who write are held to the fields that the schema names. writers, readers: names. external: whether others
    read it, too."""

    closed: bool
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    external: bool


def parties(graph: Graph, subject: Subject, uses: Mapping[str, Uses]) -> Parties:
    """What a worker returns is refused with fields that are not named, unless the subject says `unknown: pass`. A feed sends what it
    likes, and so does a handler that publishes by itself, or whoever else does."""
    workers = [each.name for each in graph.workers if subject in each.sink]
    alone = [name for name, used in uses.items() if subject.constant in used.subjects]
    feeds = [each.name for each in graph.ingests if subject in _feeds(each)]
    stream = next((each for each in graph.streams if each.name == subject.stream), None)
    outside = stream is not None and stream.settings.get("owner") == "external"
    closed = bool(workers) and not (alone or feeds or outside) and subject.unknown == "refuse"
    readers = tuple(each.name for each in graph.workers if subject in each.source)
    return Parties(closed, tuple(dict.fromkeys((*workers, *alone, *feeds))), readers, subject.readers == "external")


def both(before: Parties, after: Parties) -> Parties:
    """Of what is stored by the old and read by the new."""
    return replace(after, closed=before.closed, writers=before.writers)


def _feeds(ingest: object) -> tuple[Subject, ...]:
    if isinstance(ingest, SseIngest):
        return tuple(ingest.events.values())
    return (ingest.subject,) if hasattr(ingest, "subject") else ()
