"""Assertions on one value that pydantic has no exact counterpart of: judged by the validator that judges whole events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from jsonschema_rs import validator_for
from pydantic import BaseModel
from pydantic_core import CoreSchema, PydanticCustomError, core_schema, from_json


@dataclass(frozen=True)
class Asserts:
    """`Annotated[str, Asserts("format", "uri")]`: one keyword of JSON Schema, on a value that its type has let pass."""

    keyword: str
    argument: Any  # a JSON value

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], CoreSchema]) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def _check(self, value: object) -> object:
        try:
            accepted = self._accepts(value)
        except ValueError:  # it holds parts or timestamps, which the validator does not know
            accepted = self._accepts(_as_json(value))
        if not accepted:
            words = {"keyword": self.keyword, "argument": str(self.argument)}
            raise PydanticCustomError("assertion", "{keyword}: {argument}", words)
        return value

    @cached_property
    def _accepts(self) -> Callable[[object], bool]:
        return validator_for({self.keyword: self.argument}, validate_formats=True, offline=True).is_valid


def _as_json(value: object) -> object:
    """A value as it is written."""
    if isinstance(value, BaseModel):
        return from_json(value.__pydantic_serializer__.to_json(value, by_alias=True, exclude_unset=True))
    if isinstance(value, Mapping):
        return {key: _as_json(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_as_json(item) for item in value]
    return str(value) if isinstance(value, datetime) else value
