"""A timer, published: each tick once, whichever process is active."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from streamworker.delivery import Incoming, Origin
from streamworker.errors import ConfigurationError, ContractViolation
from streamworker.ingest.handover import Handover, Item, Nobody
from streamworker.ingest.spec import TimerSpec
from streamworker.ingest.ticks import begin, due, period, tick_data, tick_id, tick_text, until_next
from streamworker.sinks.base import Output
from streamworker.sources.base import SourceHealth

_logger = logging.getLogger(__name__)
_NOBODY = Nobody()
_LOOK = 1.0  # seconds between two looks at the clock, which may be set at any time


class TimerIngest:
    """A timer at work. The handover's mark is its last tick."""

    def __init__(self, spec: TimerSpec, handover: Handover, *, clock: Callable[[], float] = time.time) -> None:
        self._spec = spec
        self._handover = handover
        self._clock = clock
        self._every = period(spec)
        self._caught_up = False
        self._check()

    @property
    def drained(self) -> bool:
        """Whether what was missed is caught up. The next tick is no reason to wait: there will always be one."""
        return self._caught_up

    def health(self) -> SourceHealth:
        return SourceHealth(connected=True)

    async def run(self, sure: Callable[[], Awaitable[None]]) -> None:
        """Publish each tick, and await its ack before the next: what comes due meanwhile is missed, and only the last of it caught up.
        `sure` is awaited before each."""
        last = self._begin(int(self._handover.mark) if self._handover.mark.isdecimal() else None)
        while True:
            await sure()
            now = self._now()
            if (tick := due(now, self._every, last)) is not None:
                self._note_missed(tick, last)
                self._tick(tick)
                await self._handover.settled()
                last = tick
            else:
                self._caught_up = True
                await asyncio.sleep(min(_LOOK, until_next(now, self._every, last)))
                last = self._begin(last)

    def _begin(self, last: int | None) -> int:
        """Where to go on. Noted, so that who takes over knows that the next tick is due."""
        found = begin(self._now(), self._every, last)
        self._handover.mark = str(found)
        return found

    def take_back(self, incoming: Incoming) -> None:
        """Publish a tick that was a dead letter, and was sent back."""
        tick = incoming.origin.sequence
        output = self._output(tick)
        self._hand_over(Item(self._spec.name, incoming, f"{output.id}.{incoming.redriven}"), output)

    def _tick(self, tick: int) -> None:
        output = self._output(tick)
        incoming = Incoming(self._spec.subject.name, output.data, None, Origin(self._spec.name, 0, tick), _NOBODY)
        self._hand_over(Item(self._spec.name, incoming, output.id, mark=str(tick)), output)

    def _hand_over(self, item: Item, output: Output) -> None:
        self._handover.receive(item)
        self._handover.publish(item, output)

    def _output(self, tick: int) -> Output:
        """What is published for a tick. Raises ContractViolation."""
        subject = self._spec.subject
        event: Any = subject.decode(
            tick_data(self._spec, tick)
        )  # of the subject's own type, which `AnySubject` can't say
        return Output(subject.subject_for(event), subject.encode(event), tick_id(self._spec, tick), {})

    def _check(self) -> None:
        """Raises ConfigurationError where its ticks could not be events."""
        if self._every < 1:
            raise ConfigurationError(f"timer {self._spec.name}: its period is shorter than a millisecond")
        try:
            self._output(0)
        except ContractViolation as violation:
            raise ConfigurationError(
                f"timer {self._spec.name}: {violation}",
                hint="a tick has the fields at (a date-time), every (seconds) and name: its schema can require no others",
            ) from None

    def _note_missed(self, tick: int, last: int) -> None:
        if missed := (tick - last) // self._every - 1:
            _logger.info(
                "timer %s: %d ticks passed unseen and are skipped; now %s", self._spec.name, missed, tick_text(tick)
            )

    def _now(self) -> int:
        return int(self._clock() * 1000)
