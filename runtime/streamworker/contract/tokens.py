"""Subjects with tokens: `{field}` stands for a field of the event, dotted where nested."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Final

from pydantic import BaseModel

from streamworker.contract.names import json_name
from streamworker.errors import ContractViolation, Violation

_TOKEN: Final = re.compile(r"\{([^{}]*)\}")
# One part of a subject: no dot, no wildcard, nothing blank, no control character.
_FITS: Final = re.compile(r"[^\s.*>\x00-\x20\x7f-\x9f]+").fullmatch


class SubjectTemplate:
    """A declared subject. `filter` has a wildcard for each token."""

    def __init__(self, name: str, event: type[BaseModel]) -> None:
        self.filter = _TOKEN.sub("*", name)
        self._event = event.__name__
        self._format = _TOKEN.sub("%s", name.replace("%", "%%"))
        self._fields = [(field, _reader(field, event)) for field in _TOKEN.findall(name)]
        self.fill: Callable[[object], str] = self._fill if self._fields else lambda _event: name

    def _fill(self, event: object) -> str:
        return self._format % tuple([_text(read(event), field, self._event) for field, read in self._fields])


def _reader(field: str, event: type[BaseModel]) -> Callable[[object], object]:
    """Reads a field of an event: by one compiled path where each step is a model, else step by step."""
    attributes: list[str] = []
    model: object = event
    for name in field.split("."):
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            return _stepwise(field.split("."))
        attribute = _attribute(model, name)
        attributes.append(attribute)
        found = model.model_fields.get(attribute)
        model = found.annotation if found is not None else None
    return attrgetter(".".join(attributes))


def _stepwise(path: Sequence[str]) -> Callable[[object], object]:
    """For parts that may be of several classes."""

    def read(part: object) -> object:
        for name in path:
            part = getattr(part, _attribute(type(part), name), None)
        return part

    return read


def _attribute(model: type, name: str) -> str:
    """What a field of JSON is called in code."""
    fields = model.model_fields if issubclass(model, BaseModel) else {}
    return next((attribute for attribute, field in fields.items() if json_name(attribute, field) == name), name)


def _text(value: object, field: str, event: str) -> str:
    """A value as a part of a subject: integers canonically, nothing escaped."""
    if type(value) is int:
        return str(value)
    if type(value) is bool:
        return "true" if value else "false"
    if isinstance(value, str) and _FITS(value):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    raise ContractViolation(
        event,
        [
            Violation(
                "/" + field.replace(".", "/"),
                "a subject token: not empty, no dot, wildcard, blank or control character",
            )
        ],
    )
