"""What a running pipeline has done, at one moment: what the display, the report and health are made from. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Condition: TypeAlias = Literal[
    "starting", "working", "idle", "standing by", "waiting", "stuck", "stopping", "stopped", "failed"
]

CALM: Final[frozenset[Condition]] = frozenset(("starting", "working", "idle", "standing by", "stopping", "stopped"))


@dataclass(frozen=True)
class State:
    """standing by: another process is at it. waiting: for what stands in `detail`, from outside. stuck: there is work, and none of it
    gets done. failed: stopped by an error."""

    condition: Condition
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.condition}: {self.detail}" if self.detail else self.condition


@dataclass(frozen=True, kw_only=True)
class WorkerFigures:
    """The counters of `engine.stats`, and: held, deliveries that are not settled yet; backlog, messages that wait in the stream (None:
    unknown); p99, seconds from receipt to settlement."""

    name: str
    state: State
    received: int = 0
    redelivered: int = 0
    published: int = 0
    duplicates: int = 0
    acked: int = 0
    ignored: int = 0
    retried: int = 0
    dead_lettered: int = 0
    given_back: int = 0
    abandoned: int = 0
    held: int = 0
    backlog: int | None = None
    p99: float | None = None

    @property
    def settled(self) -> int:
        return self.acked + self.retried + self.dead_lettered + self.given_back + self.abandoned

    @property
    def unaccounted(self) -> int:
        """Deliveries received that are neither settled nor held: zero, or a fault of ours."""
        return self.received - self.settled - self.held


@dataclass(frozen=True, kw_only=True)
class IngestFigures:
    """The books of an ingest: each frame received is published, refused (a dead letter), dropped by a stated policy, or still held."""

    name: str
    state: State
    received: int = 0
    published: int = 0
    refused: int = 0
    dropped: int = 0
    held: int = 0

    @property
    def settled(self) -> int:
        return self.published + self.refused + self.dropped

    @property
    def unaccounted(self) -> int:
        return self.received - self.settled - self.held


Part: TypeAlias = WorkerFigures | IngestFigures


@dataclass(frozen=True, kw_only=True)
class Figures:
    """at: seconds on a clock that only goes forward. waiting: what the connection waits for; empty where it is up."""

    at: float
    workers: Sequence[WorkerFigures] = ()
    ingests: Sequence[IngestFigures] = ()
    waiting: str = ""

    @property
    def parts(self) -> Sequence[Part]:
        return (*self.ingests, *self.workers)

    def by_name(self) -> Mapping[str, Part]:
        return {part.name: part for part in self.parts}


def rates(before: Figures, now: Figures) -> Mapping[str, float]:
    """What each part has settled in a second between two moments."""
    seconds = now.at - before.at
    old = before.by_name()
    if seconds <= 0:
        return {}
    return {part.name: (part.settled - old[part.name].settled) / seconds for part in now.parts if part.name in old}
