"""Subjects and the events that they carry."""

from __future__ import annotations

import re
from typing import Any, Generic, Literal, Never, Protocol, TypeVar

from pydantic import TypeAdapter, ValidationError

from streamworker.contract import Contract
from streamworker.errors import ContractViolation, Violation

E = TypeVar("E")
E_co = TypeVar("E_co", covariant=True)


class AnySubject(Protocol):
    """A subject whose event is of some type: what is common to all."""

    @property
    def name(self) -> str: ...
    @property
    def filter(self) -> str: ...
    @property
    def event(self) -> type[object]: ...
    def decode(self, data: bytes, /) -> object: ...
    def encode(self, event: Never, /) -> bytes: ...
    def subject_for(self, event: Never, /) -> str: ...


class Decodes(Protocol[E_co]):
    """A subject as a source sees it."""

    @property
    def name(self) -> str: ...
    @property
    def filter(self) -> str: ...
    def decode(self, data: bytes, /) -> E_co: ...


class Subject(Generic[E]):
    """A declared subject and its event; made by `generate`, or by hand with a model of your own."""

    def __init__(
        self,
        name: str,
        event: type[E],
        contract: Contract | None = None,
        *,
        unknown: Literal["refuse", "pass"] = "refuse",
        readers: Literal["pipeline", "external"] = "pipeline",
    ) -> None:
        self.name = name
        self.event = event
        self.contract = contract
        self.unknown = unknown
        self.readers = readers
        self.filter = re.sub(r"\{[^}]*\}", "*", name)
        self._adapter: TypeAdapter[E] = TypeAdapter(event)

    def decode(self, data: bytes, /) -> E:
        try:
            return self._adapter.validate_json(data, by_alias=True, by_name=False)
        except ValidationError as error:
            raise ContractViolation(
                self.event.__name__,
                [Violation("".join(f"/{part}" for part in each["loc"]), each["msg"]) for each in error.errors()],
            ) from None

    def encode(self, event: E, /) -> bytes:
        return self._adapter.dump_json(event, by_alias=True, exclude_unset=True)

    def subject_for(self, event: E, /) -> str:
        value = self._adapter.dump_python(event, by_alias=True)

        def token(match: re.Match[str]) -> str:
            found: Any = value
            for part in match[1].split("."):
                found = found[part]
            return str(found)

        return re.sub(r"\{([^}]*)\}", token, self.name)
