"""Subjects with tokens: `orders.{id}` has a token for a field of the event, dotted where that is nested."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from enum import Enum
from operator import attrgetter
from typing import Final
from uuid import UUID

from pydantic import BaseModel

from streamworker.contract.names import json_name
from streamworker.contract.timestamp import WrittenTime
from streamworker.errors import ConfigurationError, ContractViolation, Violation

LONGEST: Final = 900
"""Characters of a subject: with its headers' sizes it stays within the 4,096 bytes that a server takes for a control line."""

_TOO_LONG: Final = 10**LONGEST
_TOKEN: Final = re.compile(r"\{([^{}]+)\}")
_PART: Final = r"(?:[^\s.*>{}\x00-\x1f\x7f]+|\{[^{}\s]+\}|\*)"
_NAME: Final = re.compile(rf"{_PART}(?:\.{_PART})*(?:\.>)?|>").fullmatch
# What a token may be: no dot, no wildcard, nothing blank, no control character.
_FITS: Final = re.compile(r"[^\s.*>\x00-\x1f\x7f-\x9f]+").fullmatch


class SubjectTemplate:
    """A declared subject. filter: with a wildcard for each token. fields: those that its tokens name, in order.

    One that holds wildcards itself can only be read from. Raises ConfigurationError for a name that is no subject, or a token that
    names no field of the event.
    """

    def __init__(self, name: str, event: type[BaseModel]) -> None:
        if _NAME(name) is None:
            raise ConfigurationError(
                f"{name!r} is not a subject", hint="write parts between dots, each a text or one `{field}` of the event"
            )
        self.name = name
        self.filter = _TOKEN.sub("*", name)
        self.fields = tuple(_TOKEN.findall(name))
        self._event = event.__name__
        self._format = _TOKEN.sub("%s", name.replace("%", "%%"))
        self._matches = re.compile(_pattern(name), re.DOTALL).fullmatch
        self._readers = tuple(_reader(field, event) for field in self.fields)
        self._only_read = re.search(r"[*>]", _TOKEN.sub("", name)) is not None

    def fill(self, event: object) -> str:
        """The concrete subject of an event: integers and booleans as in JSON, nothing escaped. Raises ContractViolation."""
        texts: tuple[str, ...] = ()
        for read in self._readers:
            try:
                value = read(event)
            except AttributeError:  # within an optional part that is not there
                value = None
            texts += (value if type(value) is str and _FITS(value) else self._text(value, len(texts)),)
        subject = self._format % texts
        if self._only_read:
            raise ConfigurationError(
                f"{self.name} can only be read from", hint="name a field for each wildcard: `{field}`"
            )
        if len(subject) > LONGEST:
            expected = f"tokens that make a subject of at most {LONGEST} characters"
            raise ContractViolation(self._event, (Violation("", expected),))
        return subject

    def matches(self, subject: str) -> bool:
        """Whether a concrete subject is one of this."""
        return self._matches(subject) is not None

    def tokens(self, subject: str) -> Mapping[str, str]:
        """The tokens of a concrete subject, as text, by the field that each names. Raises ValueError for another's subject."""
        found = self._matches(subject)
        if found is None:
            raise ValueError(f"{subject} is not {self.name}")
        return dict(zip(self.fields, found.groups(), strict=True))

    def _text(self, value: object, index: int) -> str:
        if type(value) is int and -_TOO_LONG < value < _TOO_LONG:
            return str(value)
        text = _as_json(value)
        if not _FITS(text):
            place = "/" + self.fields[index].replace(".", "/")
            expected = "a token of a subject: not empty; no dot, wildcard, blank or control character"
            raise ContractViolation(self._event, (Violation(place, expected),))
        return text


def _as_json(value: object) -> str:
    """A scalar as JSON writes it, without quotes; "" where it is none."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int):
        return str(int(value)) if -_TOO_LONG < value < _TOO_LONG else ""
    return str(value) if isinstance(value, str | UUID | WrittenTime) else ""


def _pattern(name: str) -> str:
    """What concrete subjects look like, with a group for each token. The dots of a field do not part a subject."""
    parts = re.findall(r"\{[^{}]+\}|[^.]+", name)
    return r"\.".join("([^.]+)" if part[0] == "{" else _WILDCARDS.get(part) or re.escape(part) for part in parts)


_WILDCARDS: Final = {"*": "[^.]+", ">": ".+"}


def _reader(field: str, event: type[BaseModel]) -> Callable[[object], object]:
    """Reads a field of an event: by one compiled path where each step is of one class."""
    path = field.split(".")
    attributes: list[str] = []
    model: object = event
    for name in path:
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            return _stepwise(path)
        attribute = _attribute(model, name)
        if attribute is None:
            raise _no_field(name, model)
        attributes.append(attribute)
        model = model.model_fields[attribute].annotation
    return attrgetter(".".join(attributes))


def _stepwise(path: list[str]) -> Callable[[object], object]:
    """For parts that may be of several classes."""

    def read(part: object) -> object:
        for name in path:
            attribute = _attribute(type(part), name)
            part = getattr(part, attribute) if attribute else None
        return part

    return read


def _attribute(model: type, name: str) -> str | None:
    """What a field of JSON is called in code."""
    fields = model.model_fields if issubclass(model, BaseModel) else {}
    return next((attribute for attribute, field in fields.items() if json_name(attribute, field) == name), None)


def _no_field(name: str, model: type[BaseModel]) -> ConfigurationError:
    names = [json_name(attribute, field) for attribute, field in model.model_fields.items()]
    close = get_close_matches(name, names, 1)
    hint = f"did you mean {close[0]}?" if close else f"it has {', '.join(names)}"
    return ConfigurationError(f"{model.__name__} has no field {name}", hint=hint)
