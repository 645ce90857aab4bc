"""A whole number is an integer, however large it is and however it is written: the codec and the validator agree on each."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic_core import from_json
from streamworker_codegen.documents import Json

from tests.codegen.contracts import Contract, contracts_of, decoded_by
from tests.codegen.projects import registry_of

TYPES = ["integer", "number", ["integer", "null"], ["integer", "string"]]
LIMITS = [0.5, 1, -1e300, 1e300, 10**300, 1e23, 2**53, 2**53 + 1, 2**63, 2**64]
LIMITING = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]
MULTIPLES = [0.5, 2, 3, 7, 1e10, 10**22, 1e23, 1e300]
ASSERTED = [
    {},
    *({keyword: limit} for keyword in LIMITING for limit in LIMITS),
    *({"multipleOf": each} for each in MULTIPLES),
]
CONSTANTS = [0, 1, -0.0, 1.0, 1.5, True, False, 2**53 + 1, 2**63 - 1, 2**63, 2**64, 1e22, 1e23, 1e300, 10**300]


def is_lossy(field: dict[str, Any]) -> bool:
    """Whether a model can't hold its numbers, floats and integers, to what it says."""
    return "multipleOf" in field or any(abs(field.get(keyword, 0)) >= 2**53 for keyword in LIMITING)


FIELDS: list[dict[str, Any]] = [{"type": each, **asserted} for each in TYPES for asserted in ASSERTED]
FIELDS += [{"const": each} for each in CONSTANTS]
FIELDS += [{"enum": ["a", one, other]} for one, other in pairwise(CONSTANTS)]
FIELDS += [{"enum": CONSTANTS, "const": each} for each in CONSTANTS]
FIELDS += [
    {"anyOf": [{"const": one}, {"const": other}]} for one, other in [(1, True), (True, 1), (0, 0.0), (False, -0.0)]
]
FIELDS += [{"type": "integer", "enum": [1, True, 1.5, 2.0]}, {"type": "boolean", "enum": [1, True]}]
LOSSY = [each for each in FIELDS if each.get("multipleOf") == 0.5 or (each.get("type") == "number" and is_lossy(each))]
SOUND = [each for each in FIELDS if each not in LOSSY]

written = (
    st.integers(-3, 9).map(str)
    | st.integers().map(str)
    | st.sampled_from(LIMITS).flatmap(lambda limit: st.integers(-1, 1).map(lambda by: str(int(limit) + by)))
    | st.floats(allow_nan=False, allow_infinity=False).map(lambda value: repr(float(int(value))))
    | st.builds("{}e{}".format, st.integers(-99, 99), st.integers(0, 300))
    | st.builds("{}.0".format, st.integers(-(10**30), 10**30))
    | st.sampled_from(["-0.0", "1.0", "1E+2", "9007199254740993.0", "1.7976931348623157e308", "1.5", "true", "false"])
)


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Contract]]:
    """Events by title, each with a field for each of some schemas, and itself within it."""
    folder = tmp_path_factory.mktemp("numbers")
    (folder / "schemas" / "events").mkdir(parents=True)
    for title, fields in (("Sound", SOUND), ("Lossy", LOSSY)):
        (folder / "schemas" / "events" / f"{title}.json").write_text(json.dumps(event_of(title, fields)))
    yield {each.model.__name__: each for each in contracts_of(registry_of(folder), folder, "generated_numbers")}
    sys.path.remove(str(folder))


def event_of(title: str, fields: Sequence[dict[str, Any]]) -> Json:
    named: dict[str, Json] = {f"f{at}": each for at, each in enumerate(fields)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "type": "object",
        "properties": {**named, "within": {"type": "array", "items": {"$ref": "#/$defs/part"}}},
        "$defs": {"part": {"type": "object", "properties": named}},
    }


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(written)
@example("1e300")
@example("3e40")
@example("1")
@example("true")
@example("18446744073709551616.0")
def test_each_field_takes_a_number_where_the_schema_does(counted: dict[str, Contract], number: str) -> None:
    for title, fields in (("Sound", SOUND), ("Lossy", LOSSY)):
        for at, field in enumerate(fields):
            own: dict[str, Json] = {f"f{at}": from_json(number)}
            values: list[Json] = [own, {"within": [own]}]
            for value in values:
                check(counted[title], value, field)


def check(contract: Contract, value: Json, field: object) -> None:
    decoded = decoded_by(contract.codec, value)
    assert (decoded is not None) == contract.validator.is_valid(value), (field, value)
    if decoded is not None:
        again = contract.codec.encode(decoded.model_copy())
        assert exact(from_json(again)) == exact(value)


def test_models_of_bounds_and_constants_are_sound(counted: dict[str, Contract]) -> None:
    """So what stands above holds for what the models alone accept."""
    assert counted["Sound"].sound
    assert not counted["Lossy"].sound


def test_an_integer_field_holds_an_integer(counted: dict[str, Contract]) -> None:
    event = counted["Sound"].codec.decode(b'{"f0": 1e300, "within": [{"f0": 1.0}, {"f0": 1e2}, {"f0": -0.0}]}')
    held = [event.f0, *(each.f0 for each in event.within)]  # type: ignore[attr-defined]  # of a model made for this test
    assert held == [10**300, 1, 100, 0]
    assert {type(each) for each in held} == {int}


def exact(value: object) -> object:
    """With each number as its shortest text says it, as the validator takes it."""
    match value:
        case bool():
            return str(value)
        case int():
            return Decimal(value)
        case float():
            return Decimal(repr(value))
        case list():
            return [exact(each) for each in value]
        case dict():
            return {name: exact(each) for name, each in value.items()}
        case _:
            return value
