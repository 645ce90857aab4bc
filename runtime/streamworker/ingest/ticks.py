"""Ticks of a timer: multiples of its period since 1970 on the wall clock, so that every process has the same. Pure.

A tick is told in milliseconds since 1970.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from pydantic import BaseModel

from streamworker.contract.names import json_name
from streamworker.ingest.spec import TimerSpec


def due(now: int, every: int, last: int) -> int | None:
    """The tick to publish now: the latest, if it comes after the `last` one; None where it is not time yet.

    Ticks that passed unseen are skipped, but for the latest of them: who was down, slept, or had its clock set forward is one tick late. A
    clock that was set back repeats no tick.
    """
    latest = now - now % every
    return latest if latest > last else None


def begin(now: int, every: int, last: int | None) -> int:
    """The tick to go on after: the `last` one, if there was one; else the latest, so that the next is the first.

    A last tick that lies ahead by more than a period is of a clock that was wrong: it counts as none.
    """
    latest = now - now % every
    return latest if last is None or last > now + every else last


def until_next(now: int, every: int, last: int) -> float:
    """Seconds until the tick after `last`."""
    return max(0, last - last % every + every - now) / 1000


def period(spec: TimerSpec) -> int:
    """A timer's period, in milliseconds."""
    return round(spec.every * 1000)


def tick_id(spec: TimerSpec, tick: int) -> str:
    """The message id of a tick: the same in every process, so that it stands once."""
    return f"{spec.name}-{tick}"


def tick_text(tick: int) -> str:
    """A tick as RFC 3339 in UTC."""
    moment = datetime.fromtimestamp(tick // 1000, UTC).replace(microsecond=tick % 1000 * 1000)
    return moment.isoformat(timespec="milliseconds" if tick % 1000 else "seconds").replace("+00:00", "Z")


def tick_data(spec: TimerSpec, tick: int) -> bytes:
    """The event of a tick, as JSON: those of `at`, `every` and `name` that its class has."""
    every = period(spec) / 1000
    told = {"at": tick_text(tick), "every": int(every) if every.is_integer() else every, "name": spec.name}
    event = spec.subject.event
    fields = event.model_fields.items() if issubclass(event, BaseModel) else ()
    names = {json_name(name, field) for name, field in fields}
    return json.dumps({name: value for name, value in told.items() if name in names}).encode()
