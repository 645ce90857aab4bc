"""Who decides about one message: the schema validator, on the schemas as they were written, exactly as the runtime asks it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import quote

from jsonschema_rs import Registry as Resources
from jsonschema_rs import ValidationError, ValidationErrorKind, Validator, validator_for

from streamworker_codegen.bundle import Bundle
from streamworker_codegen.dialects import DRAFT2020
from streamworker_codegen.documents import Json, Place
from streamworker_codegen.pointers import child
from streamworker_codegen.registry import Registry

Accepts: TypeAlias = Callable[[Json], bool]


class Judges:
    """The validators of one version of the contract."""

    def __init__(self, registry: Registry) -> None:
        bundle = Bundle(registry)
        documents = (*registry.documents.values(), *registry.metaschemas)
        self._resources = Resources([(each.uri, bundle.value(each)) for each in documents])

    def of(self, place: Place) -> Accepts:
        """Whether the schema at a place accepts a value, formats asserted."""
        value = place.document.value
        dialect = {"$schema": value["$schema"]} if isinstance(value, dict) and "$schema" in value else {}
        target = {**dialect, "$ref": f"{place.document.uri}#{quote(place.pointer)}"}
        validator: Validator = validator_for(target, registry=self._resources, validate_formats=True, offline=True)
        return validator.is_valid


@dataclass(frozen=True)
class Refusal:
    """Where in a message and in a plain schema, and the validator's error. at, by: JSON pointers."""

    at: str
    by: str
    error: ValidationError


def judge(schema: Json) -> Accepts:
    """Of a plain schema."""
    return _validator(schema).is_valid


def refusal(schema: Json, value: Json) -> Refusal | None:
    """What a plain schema says against a value: of several things the one that tells most."""
    errors = list(_validator(schema).iter_errors(value))
    if not errors:
        return None
    error = _deepest(errors)
    return Refusal(child("", *error.instance_path), child("", *error.schema_path), error)


def _deepest(errors: Sequence[ValidationError]) -> ValidationError:
    """The one that tells most; of alternatives, what is wrong with the one that was most likely meant."""
    error = max(errors, key=lambda each: len(each.instance_path))
    match error.kind:
        case ValidationErrorKind.AnyOf(context=branches) | ValidationErrorKind.OneOfNotValid(context=branches):
            meant = min((each for each in branches if each), key=_strangeness, default=[])
            return _deepest(meant) if meant and not any(map(_is_other, meant)) else error
        case _:
            return error


def _strangeness(errors: Sequence[ValidationError]) -> tuple[int, int]:
    return sum(map(_is_other, errors)), len(errors)


def _is_other(error: ValidationError) -> bool:
    """Whether it says that another alternative was meant."""
    return isinstance(error.kind, ValidationErrorKind.Constant | ValidationErrorKind.Enum | ValidationErrorKind.Type)


def _validator(schema: Json) -> Validator:
    target = {"$schema": DRAFT2020.uri, **schema} if isinstance(schema, dict) else bool(schema)
    validator: Validator = validator_for(target, validate_formats=True, offline=True)
    return validator
