"""schedule-planner: asks for a recording of every programme that a rule wants."""

from __future__ import annotations

from datetime import UTC, datetime

from generated.events import EpgProgramChanged, RecordingScheduleRequested
from generated.workers import schedule_planner
from handlers.domain.errors import InvalidTimeRange
from handlers.domain.planning import STANDING_RULES, requested, rule_for


@schedule_planner.handler
async def plan(event: EpgProgramChanged) -> RecordingScheduleRequested | None:
    """The first rule that wants it decides. Times that are not known yet, or over, are nobody's mistake."""
    rule, start, end = rule_for(event, STANDING_RULES), event.start_time, event.end_time
    if rule is None or start is None or end is None or end <= datetime.now(UTC):
        return None
    if start >= end:
        raise InvalidTimeRange(f"{event.program_id} ends before it begins")
    return requested(event, rule, start, end)
