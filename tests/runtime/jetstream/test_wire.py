"""Publishes as bytes: as the client itself would write them, and nothing that would be read as something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nats.aio.client import Client
from streamworker.jetstream.wire import publish_line, published_bytes, settling_line

tokens = st.text(st.characters(codec="utf-8", exclude_categories=("Z", "C")), min_size=1, max_size=8)
subjects = st.lists(tokens, min_size=1, max_size=4).map(".".join)
headers = st.dictionaries(
    st.text("ABCabc-", min_size=1, max_size=8),
    st.text(st.characters(codec="utf-8", exclude_categories=("Z", "C")), max_size=10),
    max_size=3,
)


async def as_the_client_writes(subject: str, data: bytes, reply: str, head: dict[str, str] | None) -> bytes:
    client = Client()
    await client._send_publish(subject, reply, data, len(data), head or None)
    return b"".join(client._pending)


@given(subjects, st.binary(max_size=40), st.one_of(st.just(""), subjects), headers)
async def test_it_is_what_the_client_would_write(subject: str, data: bytes, reply: str, head: dict[str, str]) -> None:
    ours = publish_line(subject, data, reply, head)
    theirs = await as_the_client_writes(subject, data, reply, head)
    assert b" ".join(ours.split()) == b" ".join(theirs.split())
    assert ours.endswith(data + b"\r\n")


@pytest.mark.parametrize("subject", ["", "a b", "a\r\nPUB b 0", "a\tb", "a\x00", "a\u2028b", " a", "a "])
def test_a_subject_that_would_be_read_as_something_else_is_refused(subject: str) -> None:
    with pytest.raises(ValueError, match="no subject"):
        publish_line(subject, b"", "", None)
    with pytest.raises(ValueError, match="no subject"):
        publish_line("a", b"", subject or " ", None)


@pytest.mark.parametrize(("subject", "reply"), [("x" * 4_001, ""), ("x" * 2_500, "y" * 2_500), ("\u00e9" * 2_100, "")])
def test_a_line_for_which_the_server_would_close_the_connection_is_refused(subject: str, reply: str) -> None:
    with pytest.raises(ValueError, match="longer than a server takes"):
        publish_line(subject, b"", reply, None)


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a\r\nb", "ä"])
def test_a_name_that_is_no_headers_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no name for a header"):
        publish_line("a", b"", "", {name: "x"})


@pytest.mark.parametrize("value", ["x\r\nNats-Msg-Id: y", "x\ny", "x\ry"])
def test_a_line_break_in_a_value_injects_no_header(value: str) -> None:
    line = publish_line("a", b"", "", {"Name": value})
    assert line.count(b"\r\n") == 5
    assert b"\r\nNats-Msg-Id" not in line


@given(headers, st.text(st.characters(codec="utf-8", exclude_categories=("Z", "C")), min_size=1, max_size=10))
def test_a_message_id_is_a_header_like_any_other(head: dict[str, str], id: str) -> None:
    assert publish_line("a", b"x", "b", head, id) == publish_line("a", b"x", "b", {**head, "Nats-Msg-Id": id})


def test_a_line_break_in_a_message_id_injects_no_header() -> None:
    assert b"\r\nName" not in publish_line("a", b"", "", None, "x\r\nName: y")


@pytest.mark.parametrize(("head", "id"), [({}, ""), ({"Name": "välue"}, ""), ({"Name": "value"}, "id")])
def test_what_the_server_counts_is_told_from_the_bytes(head: dict[str, str], id: str) -> None:
    line = publish_line("a", b"body\r\n", "b", head, id)
    assert published_bytes(line) == len(line) - len(line.partition(b"\r\n")[0]) - 4


@given(subjects, st.binary(max_size=40))
def test_a_settlement_is_a_publish(reply: str, body: bytes) -> None:
    assert settling_line(reply, body) == publish_line(reply, body)
