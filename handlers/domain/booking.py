"""What mirakc answers to a booking, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias, assert_never

from generated.events import (
    RecordingScheduleBooked,
    RecordingScheduleRejected,
    RecordingScheduleRequested,
    Rule,
)

State: TypeAlias = Literal["scheduled", "tracking", "recording", "rescheduling", "finished", "failed"]
Cause: TypeAlias = Literal["program-not-found", "invalid-request", "recording-disabled"]


@dataclass(frozen=True)
class Order:
    """What to book. `content_path` is where its content goes, below mirakc's own folder; None leaves that to mirakc."""

    program_id: int
    priority: int
    tags: tuple[str, ...]
    content_path: str | None


@dataclass(frozen=True)
class Accepted:
    """existed: it was booked before, by whomever."""

    state: State
    existed: bool


@dataclass(frozen=True)
class Refused:
    status: int
    cause: Cause
    detail: str | None


Answer: TypeAlias = Accepted | Refused


def order(event: RecordingScheduleRequested, rule: Rule | None) -> Order:
    """The order for a request. `rule` is what the household says of it today, if anything."""
    folder = rule.folder if rule else None
    path = f"{folder}/{event.program_id}.m2ts" if folder else None
    return Order(event.program_id, event.priority, event.tags, path)


def outcome(
    event: RecordingScheduleRequested, answer: Answer, at: datetime
) -> RecordingScheduleBooked | RecordingScheduleRejected:
    match answer:
        case Accepted():
            return RecordingScheduleBooked(
                source=event.source,
                program_id=event.program_id,
                state=answer.state,
                already_existed=answer.existed,
                booked_at=at,
            )
        case Refused():
            return RecordingScheduleRejected(
                source=event.source,
                program_id=event.program_id,
                http_status=answer.status,
                cause=answer.cause,
                detail=answer.detail,
                rejected_at=at,
            )
        case _:
            assert_never(answer)
