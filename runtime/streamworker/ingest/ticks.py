"""Ticks of a timer: multiples of its period since 1970 on the wall clock, so that every process has the same."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime

from pydantic import BaseModel

from streamworker.contract.names import json_name
from streamworker.ingest.spec import TimerSpec

_LOOK = 1.0  # seconds: how late a tick may be after the clock was set forward, or the machine slept


async def ticks(every: float, *, clock: Callable[[], float] = time.time) -> AsyncGenerator[float, None]:
    """Each tick, as seconds since 1970, when it has come. Ticks that passed unseen are skipped, but for the last of them: a machine that
    slept, or a clock that was set forward, is one tick late. A clock that was set back repeats no tick."""
    last = clock() // every
    while True:
        now = clock() // every
        if now > last:
            last = now
            yield now * every
        else:
            await asyncio.sleep(min(_LOOK, max(0.0, (last + 1) * every - clock())))


def tick_id(spec: TimerSpec, at: float) -> str:
    """The message id of a tick: the same in every process, so that it stands once."""
    return f"{spec.name}-{round(at * 1000)}"


def tick_data(spec: TimerSpec, at: float) -> bytes:
    """The event of a tick, as JSON: those of `at`, `every` and `name` that its class has."""
    moment = datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
    every = int(spec.every) if spec.every.is_integer() else spec.every
    told = {"at": moment, "every": every, "name": spec.name}
    event = spec.subject.event
    fields = event.model_fields.items() if issubclass(event, BaseModel) else ()
    names = {json_name(name, field) for name, field in fields}
    return json.dumps({name: value for name, value in told.items() if name in names}).encode()
