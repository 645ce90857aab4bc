"""Names in Python for names in JSON."""

from __future__ import annotations

from keyword import iskeyword

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from streamworker.contract import Event, Part
from streamworker_codegen.naming import RESERVED, attribute, attributes, constant, module, pascal, snake, title


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("recordId", "record_id"),
        ("HTTPStatus", "http_status"),
        ("userID", "user_id"),
        ("lv1", "lv1"),
        ("sha256Hash", "sha256_hash"),
        ("a-b.c d", "a_b_c_d"),
        ("名前", "名前"),
        ("already_snake", "already_snake"),
    ],
)
def test_snake_case_splits_where_a_reader_would(text: str, expected: str) -> None:
    assert snake(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("class", "class_"),
        ("model_config", "model_config_"),
        ("copy", "copy_"),
        ("int", "int_"),
        ("_x", "x"),
        ("__y__", "y"),
        ("", "empty"),
        ("2fa", "field_2fa"),
        ("🎉", "party_popper"),
        ("$ref", "ref"),
        ("...", "dot_dot_dot"),
        ("type", "type"),
    ],
)
def test_a_name_that_python_or_pydantic_has_taken_is_told_apart(text: str, expected: str) -> None:
    assert attribute(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("record.completed", "RecordCompleted"),
        ("io-error", "IoError"),
        ("Order Placed", "OrderPlaced"),
        ("3d", "N3d"),
        ("v1.0-2", "V1_0_2"),
        ("http://vocabulary.example/v1#postalCode", "PostalCode"),
        ("🎉", ""),
    ],
)
def test_pascal_case_is_a_class_name_or_nothing(text: str, expected: str) -> None:
    assert pascal(text) == expected


def test_constants_and_modules() -> None:
    assert constant("recording.record-saved") == "RECORDING_RECORD_SAVED"
    assert module("record.completed.schema.json") == "record_completed"
    assert module("class.json") == "class_"
    assert module("schema.json") == "schema"
    assert module("1-0-3") == "v1_0_3"


def test_a_title_that_is_a_sentence_names_no_class() -> None:
    assert title("Order Placed") == "OrderPlaced"
    assert title("What a customer of ours sends when an order that was placed in error is to be taken back") == ""
    assert title("An order was placed.") == ""
    assert title(["no", "text"]) == ""


def test_of_names_that_would_be_one_the_one_that_is_written_so_keeps_it() -> None:
    names, clashing = attributes(["a_b", "a-b", "aB", "a.b", "c"])
    assert names == {"a_b": "a_b", "a-b": "a_dash_b", "aB": "a_capital_b", "a.b": "a_dot_b", "c": "c"}
    assert not clashing


def test_a_property_that_is_called_by_a_uri_is_named_by_its_last_part_where_that_is_enough() -> None:
    uris = [f"https://vocabulary.example/{each}" for each in ("sms/status", "mail/status", "mail/sentAt", "terms#kind")]
    names, clashing = attributes(uris)
    assert list(names.values()) == [
        "vocabulary_example_sms_status",
        "vocabulary_example_mail_status",
        "sent_at",
        "kind",
    ]
    assert not clashing


def test_names_that_stay_one_are_reported() -> None:
    names, clashing = attributes(["a-b", "a_b", "a_dash_b"])
    assert clashing == {"a-b", "a_dash_b"}
    assert names["a_b"] == "a_b"


def test_the_names_of_the_base_classes_are_reserved() -> None:
    inherited = {name for base in (BaseModel, Part, Event) for name in dir(base) if not name.startswith("_")}
    assert inherited <= RESERVED


@given(st.lists(st.text(max_size=12), unique=True, max_size=6))
def test_every_name_is_an_identifier_that_stands_alone_or_is_reported(properties: list[str]) -> None:
    names, clashing = attributes(properties)
    for name in names.values():
        assert name.isidentifier()
        assert not iskeyword(name)
        assert not name.startswith("_")
        assert name not in RESERVED
    told_apart = [names[each] for each in properties if each not in clashing]
    assert len(told_apart) == len(set(told_apart))
