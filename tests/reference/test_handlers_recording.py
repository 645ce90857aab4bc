"""schedule-planner, scheduler and record-watcher, called as what they are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from streamworker.testing import deliver

from generated.events import (
    RecordCompleted,
    RecordingFailedReasonPipelineError,
    RecordingScheduleBooked,
    RecordingScheduleRejected,
)
from handlers.domain.booking import Accepted, Refused
from handlers.domain.errors import InvalidTimeRange
from handlers.domain.planning import STANDING_RULES
from handlers.record_watcher import RecordWatcher
from handlers.schedule_planner import plan
from handlers.scheduler import Scheduler
from tests.reference.events import NOW, PROGRAM_ID, failed, program_changed, requested, saved
from tests.reference.fakes import FakeBookings, FakeRules, FakeStates

FUTURE = NOW + timedelta(days=40000)
BROKEN = RecordingFailedReasonPipelineError(type="pipeline-error", exit_code=1)


async def test_a_wanted_programme_is_requested_with_its_rules_priority_and_tags() -> None:
    request = await plan(program_changed("連続テレビ小説🈡"))
    assert request is not None
    assert (request.program_id, request.title, request.priority) == (PROGRAM_ID, "連続テレビ小説🈡", 10)
    assert (request.rule_id, request.tags) == (STANDING_RULES[0].rule_id, ("朝ドラ",))


async def test_unwanted_timeless_and_past_programmes_are_not_requested() -> None:
    assert await plan(program_changed("天気")) is None
    assert await plan(program_changed("大河ドラマ", start=None, end=None)) is None
    assert await plan(program_changed("大河ドラマ", end=None)) is None
    assert (
        await plan(program_changed("大河ドラマ", start=NOW - timedelta(hours=2), end=NOW - timedelta(hours=1))) is None
    )


@pytest.mark.parametrize("length", [timedelta(0), timedelta(minutes=-1)])
async def test_a_programme_that_ends_before_it_begins_is_an_error(length: timedelta) -> None:
    with pytest.raises(InvalidTimeRange, match=f"{PROGRAM_ID} ends before it begins"):
        await plan(program_changed("大河ドラマ", start=FUTURE, end=FUTURE + length))


@pytest.mark.parametrize(
    ("answer", "event"),
    [
        (Accepted("scheduled", existed=False), RecordingScheduleBooked),
        (Accepted("recording", existed=True), RecordingScheduleBooked),
        (Refused(404, "program-not-found", None), RecordingScheduleRejected),
    ],
)
async def test_the_scheduler_says_what_mirakc_answered(answer: Accepted | Refused, event: type[object]) -> None:
    bookings = FakeBookings(answer)
    said = await Scheduler(FakeRules(), lambda _source: bookings, lambda: NOW).handle(requested())
    assert isinstance(said, event)
    assert [order.program_id for order in bookings.orders] == [PROGRAM_ID]


async def test_the_watcher_remembers_what_it_said() -> None:
    states = FakeStates()
    watcher = RecordWatcher(states)
    first = await deliver(lambda: watcher.handle(saved("finished")))
    assert isinstance(first, RecordCompleted)
    assert await deliver(lambda: watcher.handle(saved("finished")), sequence=2) is None


async def test_the_watcher_says_the_same_again_where_it_died_before_it_remembered() -> None:
    watcher = RecordWatcher(FakeStates())
    first = await deliver(lambda: watcher.handle(saved("finished")), dies=True)
    assert first is not None
    assert await deliver(lambda: watcher.handle(saved("finished"))) == first


async def test_the_watcher_puts_a_failure_and_its_record_together() -> None:
    watcher = RecordWatcher(FakeStates())
    assert await deliver(lambda: watcher.handle(failed(BROKEN))) is None
    completed = await deliver(lambda: watcher.handle(saved("failed")), sequence=2)
    assert completed is not None
    assert completed.outcome.kind == "failed"
    assert completed.outcome.reason == BROKEN
