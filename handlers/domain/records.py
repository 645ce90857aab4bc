"""How a recording came out, put together from what mirakc says in pieces, in any order, and more than once.

`failed` names the programme and the reason, `record-saved` the record and its status; a failed record is complete when both are known.
mirakc repeats what is saved whenever somebody connects, but never a reason: a failed record that it repeats on a later connection,
with its reason still unknown, has missed it for good. While it records, what failed was an earlier recording of the same programme.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias, assert_never

from generated.events import (
    AwaitingRecord,
    RecordCompleted,
    RecordCompletedOutcome,
    RecordCompletedOutcomeCanceled,
    RecordCompletedOutcomeFailed,
    RecordCompletedOutcomeFinished,
    RecordingFailed,
    RecordingFailedReason,
    RecordingRecordSaved,
    RecordState,
)
from handlers.domain.ids import RecordName

NEW: Final = RecordState(reason=None, awaiting=None, completed=())
_REMEMBERED: Final = 32

Heard: TypeAlias = RecordingFailed | RecordingRecordSaved


@dataclass(frozen=True)
class Step:
    """What follows from an event: what is known then, and what can be said for good."""

    state: RecordState
    completed: RecordCompleted | None = None


def program_of(event: Heard) -> int:
    match event:
        case RecordingFailed():
            return event.program_id
        case RecordingRecordSaved():
            return RecordName(event.record_id).program_id
        case _:
            assert_never(event)


def after(state: RecordState, event: Heard) -> Step:
    """What follows from `event`. The same state and event always give the same step."""
    match event:
        case RecordingFailed():
            return _after_failure(state, event)
        case RecordingRecordSaved():
            return _after_save(state, event)
        case _:
            assert_never(event)


def _after_failure(state: RecordState, event: RecordingFailed) -> Step:
    if event.reason.type == "need-rescheduling":
        return Step(state)  # not the end: mirakc books it anew
    if state.awaiting:
        return _complete(state, event, state.awaiting.record_id, _failed(event.reason))
    # A pipeline that breaks after an I/O error breaks because of it.
    reason = state.reason if state.reason and event.reason.type == "pipeline-error" else event.reason
    return Step(RecordState(reason=reason, awaiting=None, completed=state.completed))


def _after_save(state: RecordState, event: RecordingRecordSaved) -> Step:
    if event.record_id in state.completed:
        return Step(state)
    match event.recording_status:
        case "recording":
            return Step(RecordState(reason=None, awaiting=state.awaiting, completed=state.completed))
        case "canceled":
            return _complete(state, event, event.record_id, RecordCompletedOutcomeCanceled(kind="canceled"))
        case "finished":
            return _complete(state, event, event.record_id, _finished(event))
        case "failed":
            return _after_failed_save(state, event)
        case _:
            assert_never(event.recording_status)


def _after_failed_save(state: RecordState, event: RecordingRecordSaved) -> Step:
    waiting = state.awaiting
    repeated = waiting and waiting.record_id == event.record_id and waiting.connection != event.connection.id
    if state.reason or repeated:
        return _complete(state, event, event.record_id, _failed(state.reason))
    if waiting and waiting.record_id == event.record_id:
        return Step(state)
    awaiting = AwaitingRecord(record_id=event.record_id, connection=event.connection.id)
    return Step(RecordState(reason=None, awaiting=awaiting, completed=state.completed))


def _complete(state: RecordState, event: Heard, record_id: str, outcome: RecordCompletedOutcome) -> Step:
    completed = RecordCompleted(
        source=event.source,
        record_id=record_id,
        program_id=RecordName(record_id).program_id,
        outcome=outcome,
        completed_at=event.received_at,
    )
    remembered = (*state.completed, record_id)[-_REMEMBERED:]
    return Step(RecordState(reason=None, awaiting=None, completed=remembered), completed)


def _failed(reason: RecordingFailedReason | None) -> RecordCompletedOutcomeFailed:
    return RecordCompletedOutcomeFailed(kind="failed", reason=reason)


def _finished(event: RecordingRecordSaved) -> RecordCompletedOutcomeFinished:
    """As long as it took by what we saw of it; mirakc's event does not say how much it wrote."""
    took = int(event.received_at.timestamp() * 1000) - RecordName(event.record_id).started
    return RecordCompletedOutcomeFinished(kind="finished", duration_ms=max(took, 0), size_bytes=None)
