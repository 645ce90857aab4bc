"""One case by the generated code: is it decided as the suite does, and does it come back untouched and rebuilt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from streamworker.contract.names import json_name
from streamworker.errors import ContractViolation
from streamworker.subject import Subject

from tests.conformance.projects import Event
from tests.conformance.suite import Case
from tests.conformance.verbatim import same, write


@dataclass(frozen=True)
class Decision:
    """wrong: what is not as the suite or the promise has it, "" for nothing. by_model: the sound model accepted by itself."""

    event: Event
    case: Case
    by_model: bool
    wrong: str
    detail: str = ""

    @property
    def name(self) -> str:
        return f"{self.event.group.name}, {self.event.group.description}: {self.case.description} ({self.event.use})"


def decide(event: Event, case: Case, subject: Subject[Any]) -> Decision:
    data = write({"value": case.data} if event.use != "event" else case.data).encode()
    try:
        decoded = subject.decode(data)
    except ContractViolation as violation:
        return Decision(event, case, False, "refused" if case.valid else "", str(violation))
    by_model = _by_model(subject, data)
    if not case.valid:
        return Decision(event, case, by_model, "accepted")
    return Decision(event, case, by_model, *comes_back(subject, decoded, data))


def _by_model(subject: Subject[Any], data: bytes) -> bool:
    if not subject.contract or not subject.contract.sound:
        return False
    try:
        subject.event.__pydantic_validator__.validate_json(data, strict=True, by_alias=True, by_name=False)
    except ValueError:
        return False
    return True


def comes_back(subject: Subject[Any], decoded: BaseModel, data: bytes) -> tuple[str, str]:
    """What becomes of a decoded event that is not what it came as, untouched, moved into another or rebuilt; and details. "" for nothing."""
    if subject.encode(decoded) != data:
        return "changed untouched", ""
    for what, again in (("moved", _moved), ("rebuilt", _rebuilt)):
        try:
            written = subject.encode(again(decoded))
        except (ContractViolation, ValueError, TypeError) as error:
            return f"not {what}", f"{type(error).__name__}: {error}"
        if not same(written, data):
            rounded = same(written, data, as_doubles=True)
            return f"{what} rounded" if rounded else f"{what} differs", f"{data!r} -> {written!r}"
    return "", ""


def _moved(part: BaseModel) -> BaseModel:
    """A new one with the same values."""
    return type(part)(**_values(part))


def _rebuilt(value: Any) -> Any:
    """The same, made anew at every depth."""
    if isinstance(value, BaseModel):
        return type(value)(**_rebuilt(_values(value)))
    if isinstance(value, Mapping):
        return {name: _rebuilt(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(_rebuilt, value))
    return value


def _values(part: BaseModel) -> dict[str, Any]:
    given = {name: getattr(part, name) for name in type(part).model_fields if name in part.model_fields_set}
    unknown = part.model_extra or {}
    return (_by_json_names(part, given) if unknown.keys() & type(part).model_fields else given) | unknown


def _by_json_names(part: BaseModel, given: Mapping[str, Any]) -> dict[str, Any]:
    """As it has to be where an unknown field is called like an attribute."""
    names = {name: json_name(name, field) for name, field in type(part).model_fields.items()}
    return {
        written: given.get(name) for name, written in names.items() if name in given or name in (part.model_extra or {})
    }
