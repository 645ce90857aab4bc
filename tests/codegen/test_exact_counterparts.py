"""What a model asserts by itself means to it what it means to the schema validator."""

from __future__ import annotations

from typing import Annotated, Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter, ValidationError
from streamworker.contract import Asserts, Timestamp
from streamworker_codegen.dialects import DIALECTS
from streamworker_codegen.shapes.formats import asserted
from streamworker_codegen.shapes.patterns import portable

FORMATS = (
    *("date-time", "date", "time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6"),
    *("uri", "uri-reference", "uri-template", "iri", "iri-reference", "uuid", "json-pointer", "relative-json-pointer"),
    *("regex", "color", "phone", "unknown"),
)
# No format takes this, so that one which takes it is not asserted.
NO_FORMAT = "\x00 \\ %%  ((( {{ [[ é"

PORTABLE = [
    "^[0-9A-F]{32}$",
    "^[a-z0-9][a-z0-9-]{0,31}$",
    "^(foo|bar)+$",
    "a{2,3}b?",
    "^[^/.][^/]*$",
    r"^\[x\]$",
    "^(?:ab)*$",
    "^名前$",
    "",
    "x$",
    "[-a]",
    "[a-]",
    r"^a\/b\-c$",
    r"^[\[\]]$",
]
OTHERS = [
    r"^\d+$",
    r"\w",
    r"\s",
    r"\bfoo",
    "a.b",
    "(?=a)",
    "(?i)a",
    r"\p{L}",
    "[a&&b]",
    "[[a]]",
    "[a--b]",
    "(a)\\1",
    "a{0,99999}",
    "a**",
    "[",
]
TEXTS = st.text(st.sampled_from("aAbBfox019-/.[]名前&|^$ \n"), max_size=6) | st.sampled_from(
    ["foo", "bar", "aab", "A" * 32, "ab" * 3, "[x]", "a-b", "名前", "１２", "x\n"]
)


@pytest.mark.parametrize("pattern", PORTABLE)
@settings(max_examples=200, deadline=None)
@given(text=TEXTS)
def test_a_portable_pattern_means_the_same_to_both_engines(pattern: str, text: str) -> None:
    assert portable(pattern) == pattern
    model = TypeAdapter(Annotated[str, Field(pattern=pattern)])
    assert accepts(model, text) == jsonschema_rs.validator_for({"pattern": pattern}).is_valid(text)


@pytest.mark.parametrize("pattern", OTHERS)
def test_a_pattern_that_engines_read_apart_is_left_to_the_schema_validator(pattern: str) -> None:
    assert portable(pattern) is None


@pytest.mark.parametrize("draft", sorted(DIALECTS))
@pytest.mark.parametrize("name", FORMATS)
def test_the_formats_of_a_draft_are_those_that_the_validator_asserts(draft: str, name: str) -> None:
    schema = {"$schema": draft, "format": name}
    refuses = not jsonschema_rs.validator_for(schema, validate_formats=True).is_valid(NO_FORMAT)
    assert asserted(draft, name) == refuses


@pytest.mark.parametrize(
    "name", [name for name in FORMATS if asserted(next(iter(DIALECTS)), name) and name != "date-time"]
)
@given(text=TEXTS | st.sampled_from(["2026-01-02", "12:00:00Z", "a@b.invalid", "::1", "http://a.invalid", "P1D", "~0"]))
def test_an_asserted_format_accepts_what_the_validator_accepts(name: str, text: str) -> None:
    model = TypeAdapter(Annotated[str, Asserts("format", name)])
    assert accepts(model, text) == jsonschema_rs.validator_for({"format": name}, validate_formats=True).is_valid(text)


DATE = r"[0-9]{4}-[01][0-9]-[0-3][0-9]"
TIME = r"[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{1,12})?"
ZONE = r"(Z|z|[+-][0-2][0-9]:[0-6][0-9]|)"


@settings(max_examples=300, deadline=None)
@given(text=st.from_regex(f"{DATE}[Tt ]{TIME}{ZONE}", fullmatch=True))
def test_a_timestamp_accepts_no_text_that_is_no_date_time(text: str) -> None:
    valid = jsonschema_rs.validator_for({"format": "date-time"}, validate_formats=True).is_valid(text)
    assert valid or not accepts(TypeAdapter(Timestamp), text)


def accepts(model: TypeAdapter[Any], text: str) -> bool:
    try:
        model.validate_python(text, strict=False)
    except ValidationError:
        return False
    return True
