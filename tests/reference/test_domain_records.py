"""How a recording came out, from events in any order."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generated.events import (
    RecordCompleted,
    RecordCompletedOutcomeCanceled,
    RecordCompletedOutcomeFailed,
    RecordCompletedOutcomeFinished,
    RecordingFailedReasonIoError,
    RecordingFailedReasonNeedRescheduling,
    RecordingFailedReasonPipelineError,
)
from handlers.domain.records import NEW, Heard, after, program_of
from tests.reference.events import LATER_CONNECTION, PROGRAM_ID, failed, record_id, saved

DISK_FULL = RecordingFailedReasonIoError(type="io-error", message="ディスクがいっぱいです", os_error=28)
BROKEN = RecordingFailedReasonPipelineError(type="pipeline-error", exit_code=1)
LATER = RecordingFailedReasonNeedRescheduling(type="need-rescheduling")


def said(*events: Heard) -> list[RecordCompleted]:
    """All that is said of these events, one after the other."""
    state, completed = NEW, []
    for event in events:
        step = after(state, event)
        state = step.state
        if step.completed:
            completed.append(step.completed)
    return completed


def test_a_finished_recording_is_said_once_however_often_it_is_saved() -> None:
    events = [
        saved("recording"),
        saved("recording"),
        saved("finished"),
        saved("finished"),
        saved("finished", at=LATER_CONNECTION),
    ]
    (completed,) = said(*events)
    assert completed.outcome == RecordCompletedOutcomeFinished(kind="finished", duration_ms=1_800_000, size_bytes=None)
    assert (completed.record_id, completed.program_id) == (record_id(), PROGRAM_ID)


def test_a_canceled_recording_is_said() -> None:
    assert said(saved("canceled"))[0].outcome == RecordCompletedOutcomeCanceled(kind="canceled")


@pytest.mark.parametrize("order", list(itertools.permutations([failed(DISK_FULL), failed(LATER), saved("failed")])))
def test_a_failed_recording_is_said_with_its_reason_whichever_comes_first(order: tuple[Heard, ...]) -> None:
    (completed,) = said(*order)
    assert completed.outcome == RecordCompletedOutcomeFailed(kind="failed", reason=DISK_FULL)


def test_a_pipeline_that_breaks_after_an_io_error_is_not_the_reason() -> None:
    assert said(failed(DISK_FULL), failed(BROKEN), saved("failed"))[0].outcome == RecordCompletedOutcomeFailed(
        kind="failed", reason=DISK_FULL
    )


def test_a_reason_that_was_missed_is_unknown_once_the_record_is_repeated_on_a_later_connection() -> None:
    assert said(saved("failed"), saved("failed")) == []
    (completed,) = said(saved("failed"), saved("failed", at=LATER_CONNECTION))
    assert completed.outcome == RecordCompletedOutcomeFailed(kind="failed", reason=None)


def test_a_reason_is_not_carried_over_to_the_next_recording_of_the_programme() -> None:
    second = "0" * 15 + "9" + record_id()[16:]
    completed = said(
        saved("failed"), failed(DISK_FULL), failed(BROKEN), saved("recording", second), saved("failed", second)
    )
    assert [it.record_id for it in completed] == [record_id()]


def test_nothing_is_said_of_a_recording_that_never_began() -> None:
    assert said(failed(BROKEN), failed(LATER)) == []


def test_both_events_are_about_the_same_programme() -> None:
    assert program_of(saved("finished")) == program_of(failed(BROKEN)) == PROGRAM_ID


@given(
    st.lists(
        st.sampled_from([saved(it) for it in ("recording", "finished", "failed")] + [failed(DISK_FULL), failed(BROKEN)])
    )
)
def test_a_record_is_said_at_most_once(events: list[Heard]) -> None:
    assert len(said(*events)) <= 1
