"""What mirakc's API sends, as far as the recorder reads it, and how that becomes the recorder's own.

By mirakc's code rather than its OpenAPI document, which has `startAt` and `duration` never null.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic.alias_generators import to_camel

from generated.events import Audio, Channel, Genre, StoredProgram, Video
from handlers.domain.booking import State
from handlers.domain.guide import Service

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Far enough for any programme, and within what a date can hold.
_Moment = Annotated[int, Field(ge=0, le=32_503_680_000_000)]
_Length = Annotated[int, Field(ge=0, le=366 * 86_400_000)]


class _Sent(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, extra="ignore")


class SentService(_Sent):
    id: int
    name: str
    channel: SentChannel


class SentChannel(_Sent):
    type: str
    channel: str


class SentProgram(_Sent):
    id: int
    start_at: _Moment | None
    duration: _Length | None
    is_free: bool
    name: str | None = None
    description: str | None = None
    extended: Mapping[str, str] | None = None
    genres: tuple[Genre, ...] = ()
    video: Video | None = None
    audios: tuple[Audio, ...] = ()


class SentSchedule(_Sent):
    state: State


class SentError(_Sent):
    reason: str | None


PROGRAMS: TypeAdapter[tuple[SentProgram, ...]] = TypeAdapter(tuple[SentProgram, ...])


def service_of(sent: SentService) -> Service:
    """Raises pydantic's ValidationError for a channel of a type that nobody knows."""
    channel = Channel.model_validate({"type": sent.channel.type, "channel": sent.channel.channel})
    return Service(sent.id, sent.name, channel)


def program_of(sent: SentProgram) -> StoredProgram:
    start = None if sent.start_at is None else _EPOCH + timedelta(milliseconds=sent.start_at)
    end = None if start is None or sent.duration is None else start + timedelta(milliseconds=sent.duration)
    return StoredProgram(
        title=sent.name,
        description=sent.description,
        extended=sent.extended,
        start_time=start,
        end_time=end,
        is_free=sent.is_free,
        genres=sent.genres,
        video=sent.video,
        audios=sent.audios,
    )
