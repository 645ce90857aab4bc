"""scheduler: books requested recordings at mirakc, and says how that went."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TypeAlias

from streamworker import Resources, StreamHandler

from generated.events import RecordingScheduleBooked, RecordingScheduleRejected, RecordingScheduleRequested
from generated.resources import MIRAKC
from generated.workers import scheduler
from handlers.domain.booking import order, outcome
from handlers.domain.ports import Clock, OpenBookings, RuleBook
from handlers.infrastructure.mirakc import Mirakc
from handlers.infrastructure.repositories import BucketRules

Outcome: TypeAlias = RecordingScheduleBooked | RecordingScheduleRejected


class Scheduler(StreamHandler[RecordingScheduleRequested, Outcome]):
    """Booking twice is harmless: mirakc keeps one schedule a programme, and the second time answers that it exists."""

    def __init__(self, rules: RuleBook, open_bookings: OpenBookings, now: Clock) -> None:
        self._rules = rules
        self._open_bookings = open_bookings
        self._now = now

    async def handle(self, event: RecordingScheduleRequested) -> Outcome:
        rule = await self._rules.rule(event.rule_id)
        answer = await self._open_bookings(event.source).book(order(event, rule))
        return outcome(event, answer, self._now())


@scheduler.lifespan
@asynccontextmanager
async def open_scheduler(resources: Resources) -> AsyncGenerator[Scheduler]:
    mirakc = resources.http(MIRAKC)
    yield Scheduler(
        BucketRules(resources),
        open_bookings=lambda source: Mirakc(mirakc, source),
        now=lambda: datetime.now(UTC),
    )
