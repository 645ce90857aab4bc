"""Events and values for tests of the recorder: complete, and with what a test cares about given by name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from generated.events import (
    ChangedProgram,
    Channel,
    Connection,
    EpgProgramChanged,
    EpgProgramsUpdated,
    EpgStored,
    Genre,
    OgpPageDiscovered,
    RecordingFailed,
    RecordingFailedReason,
    RecordingRecordSaved,
    RecordingScheduleRequested,
    Source,
    StoredProgram,
)
from handlers.domain.records import Heard

SOURCE = Source(tuner="tuner1", url="http://mirakc:40772")
CHANNEL = Channel(type="GR", channel="27")
SERVICE_ID = 3273601024
PROGRAM_ID = 327360102403001
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
CONNECTION = "0b0f6c1e-6f0a-4f0e-9a53-1f7a5d0c9e11"
LATER_CONNECTION = "1b0f6c1e-6f0a-4f0e-9a53-1f7a5d0c9e11"


def connection(id: str = CONNECTION) -> Connection:
    return Connection(id=id, seq=0)


def programs_updated(service_id: int = SERVICE_ID) -> EpgProgramsUpdated:
    return EpgProgramsUpdated(source=SOURCE, connection=connection(), received_at=NOW, service_id=service_id)


def program(title: str | None = "ニュース", **texts: str) -> StoredProgram:
    return StoredProgram(
        title=title, extended=texts or None, start_time=NOW, end_time=NOW + timedelta(hours=1), is_free=True
    )


def stored(*changed: ChangedProgram) -> EpgStored:
    return EpgStored(
        source=SOURCE,
        service_id=SERVICE_ID,
        service_name="ＮＨＫ総合１・東京",
        channel=CHANNEL,
        program_count=len(changed),
        changed=changed,
        stored_at=NOW,
    )


def program_changed(
    title: str | None = "ニュース",
    *,
    change: str = "added",
    start: datetime | None = NOW + timedelta(days=40000),
    end: datetime | None = NOW + timedelta(days=40000, hours=1),
    channel: Channel = CHANNEL,
    genre: int = 0,
    is_free: bool = True,
    extended: dict[str, str] | None = None,
) -> EpgProgramChanged:
    return EpgProgramChanged(
        source=SOURCE,
        program_id=PROGRAM_ID,
        service_id=SERVICE_ID,
        change="removed" if change == "removed" else "added",
        revision=1,
        title=title,
        extended=extended,
        start_time=start,
        end_time=end,
        is_free=is_free,
        channel=channel,
        genres=(Genre(lv1=genre, lv2=0, un1=15, un2=15),),
    )


def requested(rule_id: str = "3f2c6d0e-1111-4222-8333-444455556666") -> RecordingScheduleRequested:
    return RecordingScheduleRequested(
        source=SOURCE,
        program_id=PROGRAM_ID,
        title="ニュース",
        start_time=NOW,
        end_time=NOW + timedelta(hours=1),
        channel=CHANNEL,
        rule_id=rule_id,
        priority=3,
        tags=("朝",),
    )


def record_id(started: datetime = NOW, program_id: int = PROGRAM_ID) -> str:
    return f"{int(started.timestamp() * 1000):016X}{program_id:016X}"


def failed(reason: RecordingFailedReason, at: str = CONNECTION) -> Heard:
    return RecordingFailed(
        source=SOURCE, connection=connection(at), received_at=NOW, program_id=PROGRAM_ID, reason=reason
    )


def saved(status: str, record: str | None = None, at: str = CONNECTION) -> Heard:
    return RecordingRecordSaved.model_validate(
        {
            "source": SOURCE,
            "connection": connection(at),
            "receivedAt": NOW + timedelta(minutes=30),
            "recordId": record or record_id(),
            "recordingStatus": status,
        }
    )


def page(url: str = "https://example.invalid/page", url_hash: str = "a" * 64) -> OgpPageDiscovered:
    return OgpPageDiscovered(url=url, url_hash=url_hash, program_id=PROGRAM_ID, service_id=SERVICE_ID)
