"""Timestamps that leave as they came: fraction digits, offset and case of the text are kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Self, TypeAlias

from pydantic_core import CoreSchema, PydanticCustomError, core_schema

_SHAPE: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:(\d\d)(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII).fullmatch


class WrittenTime(datetime):
    """A moment with the RFC 3339 text that it was written as, which is what goes on the wire."""

    __slots__ = ("text",)
    text: str

    @classmethod
    def read(cls, text: str) -> Self:
        """The moment that `text` says. Raises ValueError where it is not RFC 3339."""
        if not _SHAPE(text):
            raise ValueError("not an RFC 3339 date-time")
        moment = cls.fromisoformat(text.upper())
        moment.text = text
        return moment

    @classmethod
    def of(cls, moment: datetime) -> WrittenTime:
        """A moment made in code. Raises ValueError where it has no offset."""
        if isinstance(moment, WrittenTime):
            return moment
        if moment.utcoffset() is None:
            raise ValueError("a date-time without an offset")
        return cls.read(moment.isoformat().replace("+00:00", "Z"))

    def __str__(self) -> str:
        return self.text


def _read(text: str) -> WrittenTime:
    try:
        return WrittenTime.read(text)
    except ValueError:
        raise PydanticCustomError("date_time", "an RFC 3339 date-time") from None


def _of(moment: datetime) -> WrittenTime:
    try:
        return WrittenTime.of(moment)
    except ValueError:
        raise PydanticCustomError("date_time", "a date-time with an offset") from None


class _AsWritten:
    """Teaches pydantic the type: text from JSON, an aware datetime from code."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: type[Any], _handler: Callable[[Any], CoreSchema]) -> CoreSchema:
        text = core_schema.no_info_after_validator_function(_read, core_schema.str_schema(strict=True))
        moment = core_schema.no_info_after_validator_function(_of, core_schema.is_instance_schema(datetime))
        return core_schema.json_or_python_schema(
            json_schema=text,
            python_schema=core_schema.lax_or_strict_schema(
                lax_schema=core_schema.union_schema([moment, text]), strict_schema=moment
            ),
            serialization=core_schema.to_string_ser_schema(when_used="json"),
        )


Timestamp: TypeAlias = Annotated[datetime, _AsWritten]
"""The type of a date-time field: a `datetime` to its reader, which keeps its text on the wire."""

__all__ = ["UTC", "Timestamp", "WrittenTime"]
