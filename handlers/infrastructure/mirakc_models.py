"""What mirakc's API sends, as far as the recorder reads it, and how that becomes the recorder's own.

By mirakc's code rather than its OpenAPI document, which has `startAt` and `duration` never null.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter
from pydantic.alias_generators import to_camel

from generated.events import Audio, Channel, Genre, StoredProgram, Video
from handlers.domain.booking import State
from handlers.domain.guide import Service

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Far enough for any programme, and within what a date can hold.
_Moment = Annotated[int, Field(ge=0, le=32_503_680_000_000)]
_Length = Annotated[int, Field(ge=0, le=366 * 86_400_000)]


_AS_SENT = ConfigDict(alias_generator=to_camel, extra="ignore")


@dataclass(frozen=True)
class SentService:
    __pydantic_config__ = _AS_SENT

    id: int
    name: str
    channel: Channel


@dataclass(frozen=True)
class SentProgram:
    __pydantic_config__ = _AS_SENT

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


@dataclass(frozen=True)
class SentSchedule:
    state: State


@dataclass(frozen=True)
class SentError:
    reason: str | None


SERVICE = TypeAdapter(SentService)
PROGRAMS = TypeAdapter(tuple[SentProgram, ...])
SCHEDULE = TypeAdapter(SentSchedule)
ERROR = TypeAdapter(SentError)


def service_of(sent: SentService) -> Service:
    return Service(sent.id, sent.name, sent.channel)


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
