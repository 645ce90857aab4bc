"""Whether one schema admits all that another does: proven, or not.

`jsonschema_rs` decides for schemas that end; it says nothing of those that hold themselves, which simulation.py compares. Neither is
trusted alone: what is proven is put to the test with generated messages (trial.py) before anybody is told that it is safe.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Literal, TypeAlias

import jsonschema_rs
from jsonschema_rs import CanonicalSchema, canonicalize

from streamworker_codegen.compat.simulation import simulates
from streamworker_codegen.dialects import DRAFT2020
from streamworker_codegen.documents import Json

if TYPE_CHECKING:
    from jsonschema_rs import JsonValue

Answer: TypeAlias = Literal["yes", "no", "unknown"]


def covers(wide: Json, narrow: Json) -> Answer:
    """Whether every value of `narrow` is one of `wide`, both plain schemas. "no" and "unknown" prove nothing."""
    if wide is True or wide == narrow:
        return "yes"
    answer = _asked(wide, narrow)
    return "yes" if answer != "yes" and simulates(wide, narrow, _proves) else answer


def difference(narrow: Json, wide: Json) -> Json:
    """A schema of values of `narrow` that `wide` refuses; False where none can be made."""
    try:
        left = _plain(_canonical(narrow).subtract(_canonical(wide)).to_json_schema())
    except (ValueError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError):
        return False
    return left if isinstance(left, dict) else False


def _plain(value: JsonValue) -> Json:
    """With Python's own numbers."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _proves(wide: Json, narrow: Json) -> bool:
    return _asked(wide, narrow) == "yes"


def _asked(wide: Json, narrow: Json) -> Answer:
    try:
        answer = _canonical(wide).covers(_canonical(narrow))
    except (ValueError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError):
        return "unknown"
    return "yes" if answer.value == "yes" else "no" if answer.value == "no" else "unknown"


def _canonical(schema: Json) -> CanonicalSchema:
    if not isinstance(schema, dict):
        return canonicalize(bool(schema), validate_formats=True, offline=True)
    return canonicalize({"$schema": DRAFT2020.uri, **schema}, validate_formats=True, offline=True)
