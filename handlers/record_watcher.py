"""record-watcher: says how a recording came out, once, from what mirakc says in pieces."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

from streamworker import Resources, StreamHandler, current

from generated.events import RecordCompleted, RecordingFailed, RecordingRecordSaved
from generated.workers import record_watcher
from handlers.domain import records
from handlers.domain.ports import RecordStates
from handlers.infrastructure.repositories import BucketRecordStates


class RecordWatcher(StreamHandler[RecordingFailed | RecordingRecordSaved, RecordCompleted | None]):
    """Remembers only once what it said is stored: a retry starts from the same state and says the same."""

    def __init__(self, states: RecordStates) -> None:
        self._states = states

    async def handle(self, event: RecordingFailed | RecordingRecordSaved) -> RecordCompleted | None:
        tuner, program_id = event.source.tuner, records.program_of(event)
        known = await self._states.state(tuner, program_id)
        step = records.after(known.value, event)
        if step.state != known.value:
            remember = partial(self._states.set_state, tuner, program_id, step.state, after=known.revision)
            current().on_published(remember)
        return step.completed


@record_watcher.lifespan
@asynccontextmanager
async def open_watcher(resources: Resources) -> AsyncGenerator[RecordWatcher]:
    yield RecordWatcher(BucketRecordStates(resources))
