from __future__ import annotations

import pytest
from streamworker.jetstream.messages import Message, headers_of


@pytest.mark.parametrize(
    ("head", "headers"),
    [
        (b"NATS/1.0\r\n\r\n", None),
        (b"NATS/1.0 503\r\n\r\n", {"Status": "503"}),
        (b"NATS/1.0 408 Request Timeout\r\n\r\n", {"Status": "408", "Description": "Request Timeout"}),
        (b"NATS/1.0 503\r\nA: b\r\n\r\n", {"Status": "503", "A": "b"}),
        (
            b"NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 7\r\n\r\n",
            {"Status": "100", "Description": "Idle Heartbeat", "Nats-Last-Consumer": "7"},
        ),
        (b"NATS/1.0\r\nA: b: c\r\nB:d\r\nC:\t e \r\nD: \r\n\r\n", {"A": "b: c", "B": "d", "C": "e", "D": ""}),
        (b"NATS/1.0\r\nA: b\r\nA: c\r\n\r\n", {"A": "c"}),
        (b"NATS/1.0\r\nA: v\xc3\xa4lue\r\nB: \xff\r\n\r\n", {"A": "välue", "B": "\ufffd"}),
        (b"NATS/1.0\r\nno header\r\n\xc3\xa4: x\r\na b: c\r\nE: f\r\n\r\n", {"E": "f"}),
        (b"NATS/1.0 hello\r\n\r\n", None),
    ],
)
def test_headers_are_read(head: bytes, headers: dict[str, str] | None) -> None:
    assert headers_of(head) == headers


def test_a_message_without_headers_has_none() -> None:
    assert Message("a", "", b"x").headers is None
    assert Message("a", "", b"x", b"NATS/1.0\r\nA: b\r\n\r\n").headers == {"A": "b"}
