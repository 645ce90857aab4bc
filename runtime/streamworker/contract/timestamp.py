"""Timestamps that leave as they came: fraction digits, offset and case of the text are kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Self, SupportsIndex, TypeAlias

from pydantic_core import CoreSchema, PydanticCustomError, PydanticSerializationUnexpectedValue, core_schema

# RFC 3339, section 5.6, as jsonschema-rs asserts it: offsets below 24 hours, any number of fraction digits.
_HOUR_AND_MINUTE: Final = r"(?:[01]\d|2[0-3]):[0-5]\d"
_SHAPE: Final = re.compile(
    rf"\d{{4}}-\d\d-\d\d[Tt]{_HOUR_AND_MINUTE}:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-]{_HOUR_AND_MINUTE})", re.ASCII
).fullmatch


class WrittenTime(datetime):
    """A moment with the RFC 3339 text that it was written as. What is calculated from it is written anew.

    Where a datetime can't hold what the text says, it holds the nearest moment: of a leap second its last microsecond before,
    of the year 0000 the first of 0001, of a fraction its first six digits.
    """

    __slots__ = ("_text",)
    _text: str

    @classmethod
    def read(cls, text: str) -> Self:
        """The moment that `text` says. Raises ValueError where it is not an RFC 3339 date-time."""
        if _SHAPE(text) is None:
            raise ValueError("not an RFC 3339 date-time")
        try:
            moment = cls.fromisoformat(text)
        except ValueError:
            moment = cls._read_unusual(text)
        moment._text = text
        return moment

    @classmethod
    def of(cls, moment: datetime) -> WrittenTime:
        """A moment made in code, written in full. Raises ValueError where it has no offset."""
        if isinstance(moment, WrittenTime) and hasattr(moment, "_text"):
            return moment
        return cls.read(_written(moment))

    @classmethod
    def _read_unusual(cls, text: str) -> Self:
        """Reads a lower-case `z`, a leap second or the year 0000. Raises ValueError for everything else."""
        usual = text.upper()
        if usual.startswith("0000-"):
            cls.read(f"2000{usual[4:]}")  # a leap year, as 0000 is: raises where there is no such day
            return cls(1, 1, 1, tzinfo=UTC)
        if usual[17:19] != "60":
            return cls.fromisoformat(usual)
        moment = cls.fromisoformat(f"{usual[:17]}59{usual[19:]}")
        if (moment.hour * 60 + moment.minute - _offset(moment) // timedelta(minutes=1)) % 1440 != 1439:
            raise ValueError("a leap second is the last of a day in UTC")
        return moment.replace(microsecond=999_999)

    def __str__(self) -> str:
        try:
            return self._text
        except AttributeError:
            return _written(self)

    def __reduce_ex__(self, _protocol: SupportsIndex) -> tuple[Callable[[str], WrittenTime], tuple[str]]:
        return WrittenTime.read, (str(self),)


def _offset(moment: datetime) -> timedelta:
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError("a date-time without an offset")
    return offset


def _written(moment: datetime) -> str:
    if _offset(moment) % timedelta(minutes=1):  # RFC 3339 has no seconds in offsets
        moment = moment.astimezone(UTC)
    return moment.isoformat().removesuffix("+00:00") + ("" if _offset(moment) else "Z")


def _read(text: str) -> WrittenTime:
    try:
        return WrittenTime.read(text)
    except ValueError:
        raise PydanticCustomError("date_time", "a date-time of RFC 3339") from None


def _of(moment: datetime) -> WrittenTime:
    try:
        return WrittenTime.of(moment)
    except (ValueError, OverflowError):
        raise PydanticCustomError("date_time", "a date-time with an offset") from None


def _text(moment: object) -> str:
    """On the hot path. What is no moment is another member's of a union: pydantic has to be told, or it would be written as ours."""
    if type(moment) is WrittenTime:
        try:
            return moment._text
        except AttributeError:  # it was calculated
            pass
    if isinstance(moment, datetime):
        return str(moment)
    raise PydanticSerializationUnexpectedValue("no moment")


class _AsWritten:
    """Teaches pydantic the type: text in JSON, an aware datetime in code."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: Callable[[Any], CoreSchema]) -> CoreSchema:
        text = core_schema.no_info_after_validator_function(_read, core_schema.str_schema(strict=True))
        moment = core_schema.no_info_after_validator_function(_of, core_schema.is_instance_schema(datetime))
        return core_schema.json_or_python_schema(
            json_schema=text,
            python_schema=core_schema.lax_or_strict_schema(
                lax_schema=core_schema.union_schema([moment, text]), strict_schema=moment
            ),
            serialization=core_schema.plain_serializer_function_ser_schema(
                _text, return_schema=core_schema.str_schema(), when_used="json"
            ),
        )


Timestamp: TypeAlias = Annotated[datetime, _AsWritten]
"""The type of a date-time field: to its reader a `datetime` with an offset, which keeps its text on the wire."""
