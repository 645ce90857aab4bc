"""The reader of what the server sends; nats-py's own parser is the judge of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nats.aio.client import Client
from nats.errors import ProtocolError
from nats.protocol.parser import Parser
from streamworker.errors import ConfigurationError
from streamworker.jetstream.client import ReadingClient
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.messages import Message
from streamworker.jetstream.reading import Reader

Seen = list[object]

STATUSES = (b" 100 Idle Heartbeat", b" 404 No Messages", b" 408 Request Timeout", b" 409 Consumer Deleted")


class Judge:
    """A client as a parser of nats-py sees it, that keeps what it is told."""

    def __init__(self) -> None:
        self.seen: Seen = []
        self.is_connected = True

    async def _process_msg(self, sid: int, subject: bytes, reply: bytes, data: bytes, head: bytes | None) -> None:
        headers = await Client()._process_headers(head)
        self.seen.append((sid, subject.decode(), reply.decode(), data, headers))

    async def _process_ping(self) -> None:
        self.seen.append("PING")

    async def _process_pong(self) -> None:
        self.seen.append("PONG")

    async def _process_err(self, said: str) -> None:
        self.seen.append(said)

    async def _process_info(self, info: object) -> None:
        self.seen.append(info)


def reader_of(judge: Judge, *, listeners: int = 3) -> Reader:
    reader = Reader(cast("Client", judge), judge.seen.append)

    def listener(sid: int) -> None:
        def on_message(message: Message) -> None:
            judge.seen.append((sid, message.subject, message.reply, message.data, message.headers))

        assert reader.listen(on_message) == b"%d" % sid

    for sid in range(1, listeners + 1):
        listener(sid)
    return reader


def cut(stream: bytes, places: Sequence[int]) -> list[bytes]:
    edges = [0, *sorted(places), len(stream)]
    return [stream[start:end] for start, end in pairwise(edges)]


async def read(stream: bytes, places: Sequence[int] = ()) -> Seen:
    """What becomes of a stream that comes in pieces."""
    judge = Judge()
    reader = reader_of(judge)
    for piece in cut(stream, places):
        await reader.parse(piece)
    return judge.seen


async def judged(stream: bytes) -> Seen:
    """What nats-py makes of it."""
    judge = Judge()
    await Parser(judge).parse(stream)
    return judge.seen


def msg(sid: int, subject: str, reply: str, data: bytes) -> bytes:
    to = f"{subject} {sid} {reply}" if reply else f"{subject} {sid}"
    return b"MSG %b %d\r\n%b\r\n" % (to.encode(), len(data), data)


def hmsg(sid: int, subject: str, reply: str, head: bytes, data: bytes) -> bytes:
    to = f"{subject} {sid} {reply}" if reply else f"{subject} {sid}"
    return b"HMSG %b %d %d\r\n%b%b\r\n" % (to.encode(), len(head), len(head) + len(data), head, data)


SAMPLE = b"".join(
    [
        msg(1, "a.b", "$JS.ACK.S.C.1.2.3.4.5", b'{"a": 1}'),
        b"PING\r\n",
        hmsg(2, "inbox.7", "", b"NATS/1.0 408 Request Timeout\r\nNats-Pending-Messages: 3\r\n\r\n", b""),
        msg(3, "inbox.8", "", b""),
        b"-ERR 'Permissions Violation for Publish to \"x\"'\r\n+OK\r\n",
        hmsg(1, "ü.b", "r", b"NATS/1.0\r\nName: v\xc3\xa4lue\r\n\r\n", b"\r\nMSG a 1 5\r\n"),
        b'INFO {"server_id": "MSG a 1 5"}\r\nPONG\r\n',
        msg(1, "a", "", b"last"),
    ]
)

tokens = st.text("abzüÄ$_-0", min_size=1, max_size=6)
subjects = st.lists(tokens, min_size=1, max_size=4).map(".".join)
names = st.text("abN-", min_size=1, max_size=6)
values = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=10)
heads = st.builds(
    lambda status, headers: b"NATS/1.0%b\r\n%b\r\n" % (status, b"".join(headers)),
    st.sampled_from((b"", *STATUSES)),
    st.lists(st.builds(lambda name, value: f"{name}: {value}\r\n".encode(), names, values), max_size=3),
)
sids = st.integers(1, 3)
frames = st.one_of(
    st.builds(msg, sids, subjects, st.just("") | subjects, st.binary(max_size=60)),
    st.builds(hmsg, sids, subjects, st.just("") | subjects, heads, st.binary(max_size=30)),
    st.sampled_from([b"PING\r\n", b"PONG\r\n", b"+OK\r\n", b"-ERR 'x'\r\n", b'INFO {"a b": [1, 2]}\r\n']),
)


@pytest.mark.parametrize("place", range(len(SAMPLE) + 1))
async def test_a_stream_may_be_cut_at_every_byte(place: int) -> None:
    assert await read(SAMPLE, [place]) == await judged(SAMPLE)


async def test_and_at_all_of_them() -> None:
    assert await read(SAMPLE, range(len(SAMPLE))) == await judged(SAMPLE)


@given(st.lists(frames, max_size=8).map(b"".join), st.data())
async def test_it_reads_what_nats_py_reads_wherever_it_is_cut(stream: bytes, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, len(stream)), max_size=8))
    assert await read(stream, places) == await judged(stream)


async def test_a_huge_message_is_put_together_once() -> None:
    """Eight megabytes in pieces of a kilobyte: were all of it copied for each piece, it would take half a minute."""
    data = bytes(8 * 1024 * 1024)
    stream = msg(1, "a", "b", data)
    started = time.monotonic()
    assert await read(stream, range(0, len(stream), 1024)) == [(1, "a", "b", data, None)]
    assert time.monotonic() - started < 5


async def test_messages_of_no_subscription_are_dropped() -> None:
    assert await read(msg(9, "a", "", b"x") + msg(1, "b", "", b"y")) == [(1, "b", "", b"y", None)]


async def test_what_comes_after_a_subscription_was_closed_is_dropped() -> None:
    judge = Judge()
    reader = reader_of(judge)
    reader.forget(b"1")
    await reader.parse(msg(1, "a", "", b"x") + msg(2, "a", "", b"y"))
    assert judge.seen == [(2, "a", "", b"y", None)]


async def test_an_error_of_a_listener_is_told_and_the_next_message_is_read() -> None:
    judge = Judge()
    reader = Reader(cast("Client", judge), judge.seen.append)
    error = ValueError("a bug")

    def fails(_message: Message) -> None:
        raise error

    reader.listen(fails)
    reader.listen(lambda message: judge.seen.append(message.data))
    await reader.parse(msg(1, "a", "", b"") + msg(2, "a", "", b"next"))
    assert judge.seen == [error, b"next"]


@pytest.mark.parametrize(
    "stream",
    [
        b"MSG a 1 x\r\n",
        b"MSG a 1 -5\r\n",
        b"MSG a 1\r\n",
        b"MSG a 1 b c 1\r\n",
        b"HMSG a 1 5\r\n",
        b"HMSG a 1 9 5\r\n",
        b"MSG a 1 99999999999\r\n",
        b"HELLO\r\n",
    ],
)
async def test_what_no_server_sends_ends_the_connection(stream: bytes) -> None:
    with pytest.raises(ProtocolError):
        await read(stream)


async def test_a_line_without_an_end_is_not_kept_for_ever() -> None:
    with pytest.raises(ProtocolError):
        await read(bytes(2 * 1024 * 1024), range(0, 2 * 1024 * 1024, 32768))


async def test_nothing_is_handed_over_after_an_error_that_ended_the_client() -> None:
    class Ends(Judge):
        async def _process_err(self, said: str) -> None:
            await super()._process_err(said)
            self.is_connected = False

    judge = Ends()
    await reader_of(judge).parse(b"-ERR 'Stale Connection'\r\n" + msg(1, "a", "", b""))
    assert judge.seen == ["'stale connection'"]


async def test_nats_py_still_hands_to_its_parser_what_it_reads(connection: Connection) -> None:
    """If this fails, nats-py's insides have moved: see the module's first lines, and what `_read_loop` of the new Client calls."""
    assert isinstance(Client()._ps, Parser)
    got: list[Message] = []
    await connection.subscribe("seam.*", got.append)
    connection.outbox.send("seam.a", b"x" * 100_000, "answer", {"Name": "välue"})
    await connection.flush(5)
    assert [(each.subject, each.reply, len(each.data), each.headers) for each in got] == [
        ("seam.a", "answer", 100_000, {"Name": "välue"})
    ]


def test_a_nats_py_with_other_insides_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    original = Client.__init__

    def another(self: Client) -> None:
        original(self)
        del self._ps

    monkeypatch.setattr(Client, "__init__", another)
    with pytest.raises(ConfigurationError, match=r"nats-py .*2\.16"):
        ReadingClient(lambda _error: None)
