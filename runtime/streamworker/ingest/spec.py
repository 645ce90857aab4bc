"""Ingests as the contract describes them: outside feeds that are published as events. Durations are seconds.

Texts that may hold `${NAME}` or `${NAME:-default}` are filled in from the environment when the pipeline starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from streamworker.subject import AnySubject

Unmapped: TypeAlias = Literal["ignore", "dead-letter", "stop"]


@dataclass(frozen=True, kw_only=True)
class SseSpec:
    """A Server-Sent Events feed.

    url, headers: where from; may hold variables. events: the subject of each event name. unmapped: what becomes of other names.
    add: fields set on every event before it is checked: values are JSON with variables, or `$connection` and `$now`. id: the message
    id of an event, a template over its fields. invalid: what becomes of a frame that its contract refuses. buffer: frames that may
    wait for their publish ack; a full buffer stops reading. idle: how long the feed may be silent before it is taken for dead.
    shortest, longest: bounds of the delay before connecting again.
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
    idle: float = 45.0
    shortest: float = 1.0
    longest: float = 60.0


@dataclass(frozen=True, kw_only=True)
class TimerSpec:
    """A tick every `every` seconds, on the clock (multiples since 1970), published on `subject`; its id is the tick.

    The event has the fields that its schema requires out of `at` (the tick's date-time), `every` (seconds) and `name`.
    """

    name: str
    every: float
    subject: AnySubject


IngestSpec: TypeAlias = SseSpec | TimerSpec
