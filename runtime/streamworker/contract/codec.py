"""The exact way between bytes and events: a value passes if and only if its JSON Schema accepts it.

A sound model (contract.json says which are: each assertion has an exact counterpart in the model, validated strictly) may accept by
itself, in one pass over the bytes. What it refuses, and what a model that can't be sound gets, the schema judges first; then the model
only gives the value its types.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from inspect import get_annotations
from typing import Any, Generic, Protocol, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from streamworker.contract.contracts import Contract
from streamworker.contract.model import Event, Part, Unchecked, keep, kept, set_fields
from streamworker.contract.names import TAKES_UNKNOWN, json_name
from streamworker.contract.validation import parse, pointer, unreadable
from streamworker.errors import ContractViolation, Violation

M = TypeVar("M", bound=BaseModel)


class Codec(Protocol[M]):
    """Reads and writes one kind of event. Both raise ContractViolation."""

    def decode(self, data: bytes, /) -> M: ...
    def encode(self, event: M, /, *, closed: bool) -> bytes:
        """closed: refuse fields that the schema does not name."""
        ...


class SchemaCodec(Generic[M]):
    """Holds a generated model to its contract."""

    def __init__(self, model: type[M], contract: Contract) -> None:
        self._model = model
        self._name = model.__name__
        self._contract = contract
        self._sound = contract.sound
        self._may_hold_unknown = _may_hold_unknown(model, set())
        self._read_json = model.__pydantic_validator__.validate_json
        self._read_value = model.__pydantic_validator__.validate_python
        self._write_json = model.__pydantic_serializer__.to_json

    def decode(self, data: bytes, /) -> M:
        if self._sound:
            try:
                event: M = self._read_json(data, by_alias=True, by_name=False)
            except ValidationError:
                return self._decode_exactly(data)
            keep(event, data)
            return event
        return self._decode_exactly(data)

    def encode(self, event: M, /, *, closed: bool) -> bytes:
        try:
            data = kept(event)
        except AttributeError:  # a copy
            data = None
        if data is None:
            data = self._write_json(event, by_alias=True, exclude_unset=True)
            if not self._sound or Unchecked.made:
                self._check(self._parse(data))
        if closed and self._may_hold_unknown and (unknown := next(_unknown_fields(event, ""), None)) is not None:
            raise ContractViolation(
                self._name, [Violation(unknown, "only fields that the schema names (or unknown: pass)")]
            )
        return data

    def _decode_exactly(self, data: bytes) -> M:
        value = self._parse(data)
        self._check(value)
        try:
            event: M = self._read_value(value, strict=False, by_alias=True, by_name=False, context=TAKES_UNKNOWN)
        except ValidationError as error:
            raise ContractViolation(self._name, _refused(error)) from None
        _mend(event, value)
        keep(event, data)
        return event

    def _parse(self, data: bytes) -> object:
        try:
            return parse(data)
        except ValueError as error:
            raise ContractViolation(self._name, [unreadable(error)]) from None

    def _check(self, value: object) -> None:
        if not self._contract.validator.is_valid(value):
            raise ContractViolation(self._name, self._contract.validator.violations(value))


class ModelCodec(Generic[M]):
    """A model of the user's own is its contract: read strictly, written as it writes itself."""

    def __init__(self, model: type[M]) -> None:
        self._name = model.__name__
        self._read_json = model.__pydantic_validator__.validate_json
        self._write_json = model.__pydantic_serializer__.to_json

    def decode(self, data: bytes, /) -> M:
        try:
            event: M = self._read_json(data, strict=True)
        except ValidationError as error:
            raise ContractViolation(self._name, _refused(error)) from None
        return event

    def encode(self, event: M, /, *, closed: bool) -> bytes:
        return self._write_json(event, by_alias=True)


def _refused(error: ValidationError) -> list[Violation]:
    told = error.errors(include_url=False, include_context=False, include_input=False)
    return [Violation(pointer(each["loc"]), each["msg"]) for each in told]


def _mend(value: object, json: object) -> None:
    """Say which fields were given: an unknown one that is called like an attribute made pydantic take that attribute for given."""
    if isinstance(value, Part) and isinstance(json, Mapping):
        fields = type(value).model_fields
        names = {name: json_name(name, field) for name, field in fields.items()}
        set_fields(value, [name for name, written in names.items() if written in json])
        for name, written in names.items():
            if written in json:
                _mend(getattr(value, name), json[written])
        for name, extra in (value.model_extra or {}).items():
            _mend(extra, json.get(name))
    elif isinstance(value, Mapping) and isinstance(json, Mapping):
        for key, each in value.items():
            _mend(each, json.get(key))
    elif isinstance(value, tuple) and isinstance(json, list):
        for each, item in zip(value, json, strict=False):
            _mend(each, item)


def _unknown_fields(value: object, place: str) -> Iterator[str]:
    """Pointers to fields that no schema names, at any depth."""
    if isinstance(value, BaseModel):
        if value.__pydantic_extra__ and _takes_anything(type(value)):
            yield place + pointer([next(iter(value.__pydantic_extra__))])
        for name, each in value.__dict__.items():
            if type(each) not in _PLAIN:
                yield from _unknown_fields(each, f"{place}/{name}")
    elif isinstance(value, tuple):
        for index, each in enumerate(value):
            yield from _unknown_fields(each, f"{place}/{index}")
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _unknown_fields(each, f"{place}{pointer([key])}")


def _may_hold_unknown(kind: object, seen: set[object]) -> bool:
    """Whether values of a type can hold fields that no schema names, at any depth."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        if kind in seen:
            return False
        seen.add(kind)
        if kind.model_config.get("extra") == "allow" and _takes_anything(kind):
            return True
        return any(_may_hold_unknown(field.annotation, seen) for field in kind.model_fields.values())
    return any(_may_hold_unknown(argument, seen) for argument in get_args(getattr(kind, "__value__", kind)))


_PLAIN: Any = frozenset((str, int, float, bool, type(None)))


@cache
def _takes_anything(model: type[BaseModel]) -> bool:
    """Whether unknown fields are of no declared type; else `additionalProperties` names them by what they hold."""
    own = model.__mro__[: model.__mro__.index(BaseModel)]
    return not any("__pydantic_extra__" in get_annotations(base) for base in own if base not in (Part, Event))
