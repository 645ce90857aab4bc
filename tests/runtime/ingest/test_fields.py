"""Fields that an ingest sets, and message ids."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic_core import from_json
from streamworker.errors import ContractViolation
from streamworker.ingest.fields import Additions, IdTemplate, now, with_members
from streamworker.sources.sse_frames import Connection, Frame

FRAME = Frame(Connection("0b0f6c1e-6f0a-4f0e-9a53-1f7a5d0c9e11", 5), 7, "a", b"{}", "")
AT = "2026-01-02T03:04:05.678Z"


def added(add: dict[str, object], data: bytes = b"{}") -> Any:  # JSON
    out = with_members(data, Additions(add).members(FRAME, AT))
    assert out is not None
    return json.loads(out)


def test_fixed_and_changing_fields_are_set_however_deep() -> None:
    add: dict[str, object] = {
        "source": {"tuner": "tuner1", "urls": ["http://x", 1, None]},
        "connection": "$connection",
        "meta": {"at": "$now", "list": ["$now", "$nowhere"]},
    }
    assert added(add, b'{"serviceId": 1}') == {
        "serviceId": 1,
        "source": {"tuner": "tuner1", "urls": ["http://x", 1, None]},
        "connection": {"id": FRAME.connection.id, "seq": 7},
        "meta": {"at": AT, "list": [AT, "$nowhere"]},
    }


def test_what_the_feed_sent_stays_to_the_last_digit() -> None:
    data = b'{ "x" : 1.10, "y": 123456789012345678901234567890, "z": "\\u00e9" }'
    assert with_members(data, b'"a":1') == b'{ "x" : 1.10, "y": 123456789012345678901234567890, "z": "\\u00e9","a":1}'
    assert with_members(data, b"") == data


def test_a_feed_cannot_forge_what_is_set() -> None:
    data = b'{"source": {"tuner": "evil"}, "source": 1}'
    assert added({"source": {"tuner": "tuner1"}}, data) == {"source": {"tuner": "tuner1"}}


@pytest.mark.parametrize(
    "data", [b"", b" ", b"null", b"[]", b"[{}]", b"73", b'"{}"', b"{", b"}", b"nul", b"\xef\xbb\xbf{}"]
)
def test_only_an_object_takes_fields(data: bytes) -> None:
    assert with_members(data, b'"a":1') is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(st.text(max_size=3), VALUES, max_size=4), st.dictionaries(st.text(max_size=3), VALUES, max_size=3)
)
def test_setting_fields_is_like_merging_objects(value: dict[str, object], add: dict[str, object]) -> None:
    assert added(add, json.dumps(value, indent=1).encode()) == {**value, **added(add)}


@given(st.text(st.sampled_from('{}[]",:\\ 1a\n'), max_size=12))
@example('{"a":"x{}')
@example('{"a":[{}')
@example("{}{}")
@example('{"a":1,}')
@example("{,}")
@example('{"a":"\\}')
def test_text_that_is_not_json_never_becomes_json(text: str) -> None:
    data = text.encode()
    out = with_members(data, b'"k":"v"')
    if out is not None:
        assert readable(out) == readable(data)


def readable(data: bytes) -> bool:
    try:
        from_json(data, allow_inf_nan=False)
    except ValueError:
        return False
    return True


def test_now_is_rfc_3339_in_utc() -> None:
    assert now().endswith("Z")
    assert len(now()) == len(AT)


def test_an_id_is_made_of_fields() -> None:
    data = b'{"connection": {"id": "c", "seq": 7}, "name": "\xe7\x95\xaa"}'
    assert IdTemplate("{connection.id}-{connection.seq}").fill("E", data) == "c-7"
    assert IdTemplate("50%{name}%s").fill("E", data) == "50%番%s"


def test_an_id_without_fields_does_not_vary() -> None:
    assert not IdTemplate("always").varies
    assert IdTemplate("{a}").varies


@pytest.mark.parametrize(
    "value",
    ["", " ", "a\nb", "a\r\nNats-Expected-Stream: x", "\0", "\x1b", None, True, 1.5, [], {}],
)
def test_a_value_that_cannot_be_part_of_an_id_is_a_violation(value: object) -> None:
    with pytest.raises(ContractViolation) as caught:
        IdTemplate("x-{a.b}").fill("Event", json.dumps({"a": {"b": value}}).encode())
    assert [str(violation.pointer) for violation in caught.value.violations] == ["/a/b"]


def test_a_missing_field_is_a_violation() -> None:
    for data in (b"{}", b'{"a": 1}', b'{"a": {}}'):
        with pytest.raises(ContractViolation):
            IdTemplate("x-{a.b}").fill("Event", data)
