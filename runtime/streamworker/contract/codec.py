"""The exact way between bytes and events: a value passes if and only if its JSON Schema accepts it.

A sound model (contract.json says which are: each assertion has an exact counterpart in the model, validated strictly) may accept by
itself, in one pass over the bytes. What it refuses, and what a model that can't be sound gets, the schema judges; then the model only
gives the value its types.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import islice
from math import inf
from typing import Final, Generic, Protocol, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json, to_json

from streamworker.contract.contracts import Contract
from streamworker.contract.json_values import DEEPEST
from streamworker.contract.model import Event, Part, Unchecked, keep, kept, set_fields
from streamworker.contract.names import TAKES_UNKNOWN, json_name
from streamworker.contract.unknown import holds_unknown, may_hold_unknown, may_hold_unknown_within, unknown_fields
from streamworker.contract.violations import MOST, by_model, by_schema
from streamworker.errors import ContractViolation, Violation
from streamworker.places import place_of

M = TypeVar("M", bound=BaseModel)

_EXACT: Final = 2.0**53
"""Below this a float that is whole stands for one integer alone."""


class Codec(Protocol[M]):
    """Reads and writes one kind of event. Both raise ContractViolation."""

    def decode(self, data: bytes, /) -> M: ...
    def encode(self, event: M, /) -> bytes: ...
    def encoder(self, *, closed: bool) -> Callable[[M], bytes]:
        """`encode`, which, closed, also refuses fields that the schema does not name: chosen once, instead of asked for each event."""
        ...


class SchemaCodec(Generic[M]):
    """Holds a generated model to its contract. Raises ConfigurationError where that is not bundled."""

    def __init__(self, model: type[M], contract: Contract) -> None:
        self._model = model
        self._contract = contract
        self._sound = contract.sound
        # First of all, since this builds the model: before, it may not know the classes that stand below it.
        self._read = model.__pydantic_validator__.validate_json
        self._write = model.__pydantic_serializer__.to_json
        self._may_hold_unknown = may_hold_unknown(model)
        self._nests = may_hold_unknown_within(model)

    def decode(self, data: bytes, /) -> M:
        if type(data) is not bytes:
            data = _bytes(data, self._model)
        if not self._sound:
            return self._judged(data)
        try:
            event: M = self._read(data, strict=True, by_alias=True, by_name=False)
        except ValueError:
            return self._judged(data)
        keep(event, data)
        return event

    def encode(self, event: M, /) -> bytes:
        """The bytes that it came as. Of one that was made in code its JSON: valid if its sound model validated it; all others the schema
        judges."""
        if not isinstance(event, self._model):
            raise _refused(self._model.__name__, f"a {self._model.__name__}, not a {type(event).__name__}")
        try:
            data = kept(event)
        except AttributeError:  # a copy
            data = None
        if data:
            return data
        try:
            data = self._write(event, by_alias=True, exclude_unset=True, warnings=False)
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise _refused(self._model.__name__, "values that can be written as JSON") from None
        if not self._sound or Unchecked.made or (len(data) > 2 * DEEPEST and _may_be_deep(data)):
            self._check(_parsed(data, self._model.__name__))
        return data

    def encoder(self, *, closed: bool) -> Callable[[M], bytes]:
        return self._encode_closed if closed and self._may_hold_unknown else self.encode

    def _encode_closed(self, event: M, /) -> bytes:
        data = self.encode(event)
        if (self._nests or event.__pydantic_extra__) and holds_unknown(event):
            unknown = islice(unknown_fields(event), MOST)
            told = [Violation(each, "no field of this name (or `unknown: pass`)") for each in unknown]
            raise ContractViolation(self._model.__name__, told)
        return data

    def _judged(self, data: bytes) -> M:
        value = _parsed(data, self._model.__name__)
        self._check(value)
        event = self._built(data, value)
        keep(event, data)
        return event

    def _check(self, value: object) -> None:
        if not self._contract.validator.is_valid(value):
            raise ContractViolation(self._model.__name__, by_schema(self._contract, value))

    def _built(self, data: bytes, value: object) -> M:
        """The event of a value that the schema accepts."""
        try:
            return self._read(data, strict=True, by_alias=True, by_name=False)  # type: ignore[no-any-return]  # pydantic's own
        except ValueError:
            return self._built_widely(value)

    def _built_widely(self, value: object) -> M:
        """Takes 1.0 for an integer, and unknown fields that are called like an attribute; then whatever pydantic can make fit."""
        for below, strict in ((_EXACT, True), (inf, True), (inf, False)):
            data = to_json(_with_whole_integers(value, below), inf_nan_mode="constants")
            try:
                event: M = self._read(data, strict=strict, by_alias=True, by_name=False, context=TAKES_UNKNOWN)
            except ValidationError as error:
                refusal = error
            else:
                _mend(event, value)
                return event
        raise ContractViolation(self._model.__name__, by_model(refusal.errors(include_url=False, include_input=False)))


class ModelCodec(Generic[M]):
    """A model of the user's own is its contract, as it is configured."""

    def __init__(self, model: type[M]) -> None:
        self._model = model
        self._keeps = issubclass(model, Event)
        self._read = model.__pydantic_validator__.validate_json
        self._write = model.__pydantic_serializer__.to_json

    def decode(self, data: bytes, /) -> M:
        data = _bytes(data, self._model)
        try:
            event: M = self._read(data)
        except ValidationError as error:
            told = by_model(error.errors(include_url=False, include_input=False))
            raise ContractViolation(self._model.__name__, told) from None
        except Exception as error:  # of a validator, which is the user's code
            failed = f"what its validators can judge: {type(error).__qualname__} (at {place_of(error)})"
            raise _refused(self._model.__name__, failed) from error
        if self._keeps:
            keep(event, data)
        return event

    def encoder(self, *, closed: bool) -> Callable[[M], bytes]:
        """The model itself says which fields it takes."""
        return self.encode

    def encode(self, event: M, /) -> bytes:
        """It may have been changed since it was validated: what is written is read back."""
        if not isinstance(event, self._model):
            raise _refused(self._model.__name__, f"a {self._model.__name__}, not a {type(event).__name__}")
        if self._keeps and (data := _kept(event)):
            return data
        try:
            data = self._write(event, by_alias=True, exclude_unset=self._keeps, warnings=False)
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise _refused(self._model.__name__, "values that can be written as JSON") from None
        self.decode(data)
        return data


def judge(data: bytes, contract: Contract) -> None:
    """Hold bytes to a contract, where there is no model of it. Raises ContractViolation, and ConfigurationError where it is not bundled."""
    value = _parsed(data, contract.name)
    if not contract.validator.is_valid(value):
        raise ContractViolation(contract.name, by_schema(contract, value))


def _kept(event: object) -> bytes | None:
    try:
        return kept(event)
    except AttributeError:  # a copy
        return None


def _bytes(data: object, model: type[BaseModel]) -> bytes:
    if isinstance(data, bytes | bytearray | memoryview):
        return bytes(data)
    raise _refused(model.__name__, f"bytes of JSON, not {type(data).__name__}")


def _parsed(data: bytes, name: str) -> object:
    """The JSON value of bytes. Refuses what is no JSON, or more than we take: not UTF-8, a byte-order mark, NaN, numbers of over
    4,300 digits, nesting over 200."""
    try:
        return from_json(data, allow_inf_nan=False, cache_strings="keys")
    except ValueError as error:
        text = str(error)
        raise _refused(name, f"at most {DEEPEST} levels" if "recursion" in text else f"JSON: {text}") from None


def _refused(name: str, expected: str) -> ContractViolation:
    return ContractViolation(name, (Violation("", expected),))


def _may_be_deep(data: bytes) -> bool:
    """Whether readers might find it nested too deep: only recursive types and values of no type can be."""
    if not (_has_many(data, b"{") or _has_many(data, b"[")):
        return False
    return data.count(b"{") + data.count(b"[") > DEEPEST


def _has_many(data: bytes, mark: bytes) -> bool:
    """Whether it stands there so often that it matters. `find` takes 20 us for a megabyte of text, `count` 600."""
    place = -1
    for _ in range(DEEPEST // 2):
        place = data.find(mark, place + 1)
        if place < 0:
            return False
    return True


def _with_whole_integers(value: object, below: float) -> object:
    """Whole floats as integers, as the validator sees them: those below a limit, and each as its shortest text, 1e23 as 10**23."""
    if isinstance(value, float):
        return int(Decimal(repr(value))) if abs(value) < below and value.is_integer() else value
    if isinstance(value, dict):
        return {key: _with_whole_integers(each, below) for key, each in value.items()}
    return [_with_whole_integers(each, below) for each in value] if isinstance(value, list) else value


def _mend(built: object, value: object) -> None:
    """Say which fields were given: an unknown one that is called like an attribute makes pydantic take that attribute for given."""
    if isinstance(built, Part) and isinstance(value, Mapping):
        names = {name: json_name(name, field) for name, field in type(built).model_fields.items()}
        set_fields(built, (name for name, written in names.items() if written in value))
        for name, written in names.items():
            _mend(getattr(built, name), value.get(written))
        _mend(built.model_extra, value)
    elif isinstance(built, Mapping) and isinstance(value, Mapping):
        for key, item in built.items():
            _mend(item, value.get(key))
    elif isinstance(built, tuple) and isinstance(value, list):
        for item, each in zip(built, value, strict=True):
            _mend(item, each)
