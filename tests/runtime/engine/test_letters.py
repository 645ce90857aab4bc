"""Dead letters: what is written is read back, whatever it holds."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamworker import letters
from streamworker.delivery import CORRELATION_HEADER, Origin
from streamworker.letters import LETTER_HEADER, Attempt, Letter, decode, encode, origin_of, redrive_headers, redriven_of

texts = st.text(max_size=30)
some_letters = st.builds(
    Letter,
    worker=st.just("shipper"),
    subject=st.just("order.ordered.1"),
    data=st.binary(max_size=200),
    headers=st.dictionaries(st.text("abcN-", min_size=1, max_size=8), texts, max_size=3),
    origin=st.builds(Origin, st.just("ORDERS"), st.integers(0, 2**63), st.integers(1, 2**63)),
    reason=st.sampled_from(["contract", "attempts", "crashed"]),
    error=texts,
    text=texts,
    places=st.lists(st.tuples(texts, texts), max_size=2).map(tuple),
    attempts=st.integers(1, 100),
    history=st.lists(st.builds(Attempt, at=texts, error=texts, text=texts), max_size=2).map(tuple),
    redriven=st.integers(0, 5),
    stored=st.lists(texts, max_size=2).map(tuple),
    correlation=texts,
    at=st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
)


@given(some_letters)
def test_a_letter_comes_back_as_it_was_written(letter: Letter) -> None:
    headers, data = encode(letter)
    assert decode(headers, data) == letter
    assert data == letter.data


@given(some_letters)
def test_its_header_is_one_line_of_ascii_whatever_the_error_says(letter: Letter) -> None:
    headers, _ = encode(letter)
    assert headers[LETTER_HEADER].isascii()
    assert headers[LETTER_HEADER].isprintable()


@pytest.mark.parametrize(
    "forged",
    [
        {"worker": 5},
        {"subject": ["a"]},
        {"headers": []},
        {"headers": {"a": 1}},
        {"origin": {"stream": "A", "created": "1", "sequence": 1}},
        {"reason": "because"},
        {"reason": []},
        {"places": [["a", 1]]},
        {"places": ["abc"]},
        {"history": [{"at": 1, "error": "", "text": ""}]},
        {"attempts": True},
        {"redriven": "1"},
        {"stored": [1]},
        {"stored": 1},
        {"at": "yesterday"},
        {"at": "2026-01-01T00:00:00"},
        {"at": 1},
        {"more": 1},
    ],
    ids=str,
)
def test_a_forged_letter_is_none(forged: dict[str, object]) -> None:
    headers, data = encode(_letter(b"{}"))
    value = {**json.loads(headers[LETTER_HEADER]), **forged}
    with pytest.raises(ValueError, match="a broken header"):
        decode({LETTER_HEADER: json.dumps(value)}, data)


def test_an_error_with_half_a_surrogate_pair_is_read_back() -> None:
    letter = replace(_letter(b"{}"), text="file \udc80")
    assert decode(*encode(letter)) == letter


def test_a_redriven_event_leaves_nats_headers_behind_and_carries_its_origin() -> None:
    letter = _letter(b"{}")
    headers = redrive_headers(letter)
    assert headers["traceparent"] == "00-1"
    assert not [name for name in headers if name.startswith("Nats-")]
    assert origin_of(headers) == letter.origin
    assert headers[letters.REDRIVEN_HEADER] == "3"
    assert headers[letters.STORED_HEADER] == "id1,id2"
    assert headers[CORRELATION_HEADER] == "c"


@pytest.mark.parametrize(
    "text", ["", "x", "a b c", "A -1 1", "A 1 \u0661", "A.b 1 1", "A* 1 1", "A  1 1", "A 1 " + "9" * 21]
)
def test_a_message_that_no_redrive_sent_has_no_origin(text: str) -> None:
    with pytest.raises(ValueError, match="no header"):
        origin_of({letters.ORIGIN_HEADER: text})


@pytest.mark.parametrize("text", ["", "-1", "many", "1.5", "\u0661", "9" * 10])
def test_how_often_it_was_redriven_is_a_small_number(text: str) -> None:
    with pytest.raises(ValueError, match="no header"):
        redriven_of({letters.REDRIVEN_HEADER: text})


def test_headers_that_no_server_takes_stay_behind() -> None:
    letter = replace(_letter(b""), headers={"": "no name", "a\0b": "a control character", "good": "x"})
    assert "good" in redrive_headers(letter)
    assert not {"", "a\0b"} & redrive_headers(letter).keys()


def _letter(data: bytes) -> Letter:
    return Letter(
        worker="shipper",
        subject="order.ordered.1",
        data=data,
        headers={"Nats-Msg-Id": "x", "nats-expected-stream": "y", "traceparent": "00-1", CORRELATION_HEADER: "old"},
        origin=Origin("ORDERS", 5, 6),
        reason="attempts",
        error="ValueError",
        text=os.linesep.join(["a", "b"]),
        redriven=2,
        stored=("id1", "id2"),
        correlation="c",
    )
