"""Ingests as the contract describes them: outside feeds that are published as events. Durations are seconds.

Texts that may hold `${NAME}` or `${NAME:-default}` are filled in from the environment when the pipeline starts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from streamworker.options import FeedOptions
from streamworker.subject import AnySubject

Unmapped: TypeAlias = Literal["ignore", "dead-letter", "stop"]
"""What becomes of a frame that is not published: dropped and counted, kept as a dead letter, or kept so and the ingest stops."""


@dataclass(frozen=True, kw_only=True)
class SseSpec(FeedOptions):
    """A Server-Sent Events feed.

    url, headers: where from; may hold variables. events: the subject of each event name. unmapped: what becomes of other names.
    add: fields set on every event before it is checked, in place of what the feed sends under the same names: values are JSON with
    variables; the text `$connection` becomes an object of the connection's `id` (a UUID) and the frame's `seq` in it (from 0), `$now`
    the time in UTC. id: the message id of an event, a template over its fields, those added included. invalid: what becomes of a
    frame that its contract refuses. buffer: frames that may wait for their publish ack; a full buffer stops reading.
    """

    name: str
    url: str
    events: Mapping[str, AnySubject]
    unmapped: Unmapped = "dead-letter"
    headers: Mapping[str, str] = field(default_factory=dict)
    add: Mapping[str, object] = field(default_factory=dict)
    id: str
    invalid: Unmapped = "dead-letter"
    buffer: int = 1000


@dataclass(frozen=True, kw_only=True)
class TimerSpec:
    """A tick every `every` seconds, on the clock (multiples since 1970), published on `subject`; its id is the tick.

    The event has the fields that its schema knows out of `at` (the tick's date-time), `every` (seconds) and `name`. Of the ticks that
    were missed while no process ran, the last is published once, late; the others are skipped.
    """

    name: str
    every: float
    subject: AnySubject


IngestSpec: TypeAlias = SseSpec | TimerSpec


def subjects_of(spec: IngestSpec) -> Sequence[AnySubject]:
    """All subjects that it publishes on."""
    return tuple(spec.events.values()) if isinstance(spec, SseSpec) else (spec.subject,)
