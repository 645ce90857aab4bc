"""What a simulation is made of: sizes, time, and how often it misbehaves. The same scenario gives the same world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Times are in simulated milliseconds, unless they say otherwise.

    services, programs, nameless: sizes of the guide; nameless ones are the rows that carry a time and nothing else.
    tuners, recorders: how many tuners there are, and how many timeshift recorders.
    start: the clock when the first reader connects, since 1970. speed: simulated seconds per second; 0 is as fast as it goes.
    cold: how long after the start the program lists are still empty, as just after a restart.
    flush: about how often a service's guide is flushed, changed or not.
    recordings: about how many recordings others book in an hour. pages: share of named programs whose text holds a URL.
    duration, frames: when the feed ends in order; both None: never.
    faults: how often each misbehaviour strikes, 0 to 1, by its name in `faults.py`.
    """

    seed: int = 1
    services: int = 19
    programs: int = 7139
    nameless: int = 4459
    tuners: int = 8
    recorders: int = 2
    start: int = 1767312000000
    speed: float = 60.0
    cold: int = 0
    flush: int = 20 * MINUTE
    recordings: int = 6
    pages: float = 0.1
    duration: int | None = None
    frames: int | None = None
    faults: Mapping[str, float] = field(default_factory=dict)
