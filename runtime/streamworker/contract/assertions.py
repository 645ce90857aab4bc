"""Assertions on one value that pydantic has no exact counterpart of: judged by the validator that judges whole events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jsonschema_rs import validator_for
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


@dataclass(frozen=True)
class Asserts:
    """`Annotated[str, Asserts("format", "uri")]`: one keyword of JSON Schema, on a value that its type has let pass."""

    keyword: str
    argument: Any  # a JSON value

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], CoreSchema]) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def _check(self, value: object) -> object:
        if not self._accepts(value):
            words = {"keyword": self.keyword, "argument": str(self.argument)}
            raise PydanticCustomError("assertion", "{keyword}: {argument}", words)
        return value

    @cached_property
    def _accepts(self) -> Callable[[object], bool]:
        return validator_for({self.keyword: self.argument}, validate_formats=True, offline=True).is_valid
