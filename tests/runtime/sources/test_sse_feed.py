"""The feed reader against a real server that misbehaves."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing

import pytest
from streamworker.errors import ConfigurationError
from streamworker.options import FeedOptions
from streamworker.sources.sse_feed import SseFeed, backoff
from streamworker.sources.sse_frames import Frame

from tests.conftest import Eventually
from tests.runtime.feed_server import HEAD, Exchange, FeedServer, Script, answer, feed, frame

QUICK = FeedOptions(idle=0.3, shortest=0.01, longest=0.05, connect=1.0)
ONE = frame("a", 1)


async def read(url: str, options: FeedOptions = QUICK) -> tuple[list[Frame], SseFeed]:
    reader = SseFeed(url, options=options)
    async with asyncio.timeout(10):
        return await all_of(reader), reader


async def all_of(reader: SseFeed) -> list[Frame]:
    async with aclosing(reader.frames()) as frames:
        return [each async for each in frames]


async def settled(figure: Callable[[], int]) -> int:
    """The figure once it has stood still for a while."""
    before = -1
    while (now := figure()) != before:
        before = now
        await asyncio.sleep(0.2)
    return now


async def test_frames_arrive_over_connections_until_the_server_says_no_more() -> None:
    async with FeedServer(feed(ONE, frame("b", 2)), feed(ONE)) as server:
        frames, reader = await read(server.url)
    assert [(each.event, each.data, each.number) for each in frames] == [("a", b"1", 0), ("b", b"2", 1), ("a", b"1", 0)]
    assert frames[0].connection == frames[1].connection != frames[2].connection
    assert (reader.ended, reader.connections) == (True, 2)


@pytest.mark.parametrize("pieces", [1, 2, 3, 7])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
async def test_bytes_split_anywhere_decode_alike(pieces: int, end: bytes) -> None:
    stream = '\ufeffevent: 番組\ndata: {"name":\ndata: "合成番組🈑"}\n: life\n\ndata: 2\n\n'.encode().replace(
        b"\n", end
    )
    async with FeedServer(feed(stream, pieces=pieces)) as server:
        frames, _ = await read(server.url)
    assert [(each.event, each.data.decode()) for each in frames] == [
        ("番組", '{"name":\n"合成番組🈑"}'),
        ("message", "2"),
    ]


async def test_chunked_transfer_is_undone() -> None:
    head = HEAD.replace(b"Connection: close", b"Transfer-Encoding: chunked")
    chunks = b"".join(b"%x\r\n%s\r\n" % (1, bytes([byte])) for byte in ONE) + b"0\r\n\r\n"
    async with FeedServer(answer(head + chunks)) as server:
        frames, _ = await read(server.url)
    assert [each.data for each in frames] == [b"1"]


async def test_a_frame_that_broke_off_is_not_delivered_but_counted() -> None:
    async with FeedServer(feed(ONE, b"event: a\ndata: 2\n"), feed(ONE)) as server:
        frames, reader = await read(server.url)
    assert [each.data for each in frames] == [b"1", b"1"]
    assert reader.torn == 1


async def test_a_reset_connection_is_made_again() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.start()
        await exchange.send(ONE + b"data: to")
        await asyncio.sleep(0.05)
        exchange.reset()

    async with FeedServer(script, feed(ONE)) as server:
        frames, reader = await read(server.url)
    assert (len(frames), reader.torn) == (2, 1)


async def test_silence_is_taken_for_death() -> None:
    """Half-open: the server is gone, and no packet says so."""
    async with FeedServer(feed(ONE, hang=True), feed(ONE)) as server:
        frames, reader = await read(server.url)
    assert (len(frames), reader.connections) == (2, 2)


async def test_a_server_that_accepts_and_never_answers_is_given_up() -> None:
    async with FeedServer(lambda exchange: exchange.hang(), feed(ONE)) as server:
        frames, _ = await read(server.url)
    assert len(frames) == 1


async def test_comments_are_life() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.start()
        for _ in range(8):
            await asyncio.sleep(0.1)
            await exchange.send(b":\n\n")
        await exchange.send(ONE)

    async with FeedServer(script) as server:
        frames, reader = await read(server.url)
    assert (len(frames), reader.connections) == (1, 1)


async def test_it_resumes_after_the_last_whole_frame() -> None:
    first = feed(b"id: 6\ndata: 1\n\nid: 7\n\nid: 8\ndata: torn\n")
    async with FeedServer(first, feed(b"data: 2\n\nid\n\n"), feed(b"data: 3\n\n")) as server:
        await read(server.url)
    asked = [request.headers.get("last-event-id") for request in server.requests]
    assert asked == [None, "7", None, None], "an empty id takes back the last"


async def test_an_id_goes_back_as_utf8() -> None:
    async with FeedServer(feed("id: 番\ndata: 1\n\n".encode())) as server:
        await read(server.url)
    assert server.requests[1].headers["last-event-id"].encode("latin-1").decode() == "番"


WRONG = {
    "500": b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n",
    "401": b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
    "404": b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    "301": b"HTTP/1.1 301 Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n",
    "206": b"HTTP/1.1 206 Partial Content\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\ndata: 1\n\n",
    "text/html": b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n\r\ndata: 1\n\n",
    "no content type": b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\ndata: 1\n\n",
    "gzip": HEAD.replace(b"Connection", b"Content-Encoding: gzip\r\nConnection") + b"data: 1\n\n",
    "RemoteProtocolError": b"SSH-2.0-OpenSSH_9.6\r\n",
}


@pytest.mark.parametrize("said", WRONG)
async def test_a_wrong_answer_says_so_and_is_tried_again(said: str, caplog: pytest.LogCaptureFixture) -> None:
    async with FeedServer(answer(WRONG[said]), feed(ONE)) as server:
        frames, reader = await read(server.url)
    assert len(frames) == 1
    assert reader.connections == 1
    assert said in next(record.message for record in caplog.records if record.levelno == logging.WARNING)
    assert "/elsewhere" not in [request.target for request in server.requests], "redirects are not followed"


async def test_content_type_is_compared_as_http_says() -> None:
    head = HEAD.replace(b"text/event-stream", b"Text/Event-Stream ;charset=UTF-8")
    async with FeedServer(answer(head + ONE)) as server:
        frames, _ = await read(server.url)
    assert len(frames) == 1


async def test_health_says_what_it_waits_for(eventually: Eventually) -> None:
    reader = SseFeed("http://127.0.0.1:1/events", options=QUICK)
    assert reader.health().waiting == "not opened"
    async with aclosing(reader.frames()) as frames:
        task = asyncio.ensure_future(anext(frames))
        await eventually(lambda: "ConnectError" in reader.health().waiting)
        assert not reader.health().connected
        task.cancel()
        await asyncio.wait({task})


async def test_connected_is_told_and_taken_back(eventually: Eventually) -> None:
    async with FeedServer(feed(ONE, hang=True)) as server:
        reader = SseFeed(server.url, options=QUICK)
        async with aclosing(reader.frames()) as frames:
            await anext(frames)
            assert reader.health().connected
        assert not reader.health().connected


async def test_cancelling_closes_the_connection(eventually: Eventually) -> None:
    closed = asyncio.Event()

    async def script(exchange: Exchange) -> None:
        await exchange.start()
        await exchange.send(ONE)
        try:
            while True:
                await exchange.send(b":\n")
                await asyncio.sleep(0.01)
        finally:
            closed.set()

    async with FeedServer(script) as server:
        reader = SseFeed(server.url, options=QUICK)

        task = asyncio.ensure_future(all_of(reader))
        await eventually(lambda: reader.health().connected)
        task.cancel()
        await asyncio.wait({task})
        await asyncio.wait_for(closed.wait(), 5)


async def test_a_consumer_that_does_not_take_frames_stops_the_socket(eventually: Eventually) -> None:
    """Back-pressure: nothing is read ahead but the chunk at hand, so the server's socket fills up."""
    size = 20_000_000

    async def script(exchange: Exchange) -> None:
        await exchange.start()
        while exchange.sent < size:
            await exchange.send(b"data: " + b"x" * 10_000 + b"\n\n")

    async with FeedServer(script, send_buffer=8192) as server:
        reader = SseFeed(server.url, options=QUICK)
        async with aclosing(reader.frames()) as frames:
            await anext(frames)
            sent = await settled(lambda: server.exchanges[0].sent)
            assert sent < size / 2
            for _ in range(1500):
                await anext(frames)
            assert server.exchanges[0].sent > sent, "it goes on once frames are taken"


async def test_a_frame_over_the_limit_is_cut_and_the_next_is_whole() -> None:
    options = FeedOptions(idle=1, shortest=0.01, max_frame=1000)
    async with FeedServer(feed(b"data: " + b"x" * 1_000_000 + b"\n\n", ONE)) as server:
        frames, _ = await read(server.url, options)
    assert [(len(each.data), each.whole) for each in frames] == [(1000 - len("data: "), False), (1, True)]


@pytest.mark.parametrize(("asked", "taken"), [(b"20", 0.02), (b"0", 0.01), (b"99999999", 0.05), (b"soon", 0.01)])
async def test_retry_counts_within_the_bounds(asked: bytes, taken: float) -> None:
    async with FeedServer(feed(b"retry: " + asked + b"\n\n")) as server:
        _, reader = await read(server.url)
    assert reader._shortest == taken


def test_backoff_stays_within_its_bounds_and_is_jittered_from_the_first() -> None:
    for failures, top in ((0, 2), (1, 4), (3, 16), (10, 60), (10_000, 60)):
        delays = [backoff(failures, 1.0, 60.0) for _ in range(2000)]
        assert min(delays) >= 1
        assert max(delays) <= top
        assert max(delays) - min(delays) > 0.8 * (top - 1)


async def test_a_server_that_ends_every_connection_at_once_is_not_hammered() -> None:
    at_once: list[Script] = [feed(ONE) for _ in range(200)]
    async with FeedServer(*at_once) as server:
        reader = SseFeed(server.url, options=FeedOptions(shortest=0.02, longest=0.2))
        task = asyncio.ensure_future(all_of(reader))
        await asyncio.wait({task}, timeout=1)
        task.cancel()
        await asyncio.wait({task})
    assert 3 <= len(server.requests) <= 20


async def test_credentials_are_sent_and_shown_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with FeedServer(answer(WRONG["401"]), feed(ONE)) as server:
        url = server.url.replace("http://", "http://user:pa%20ss@") + "?token=hidden1&x=%2F"
        reader = SseFeed(url, headers={"X-Key": "hidden2"}, options=QUICK)
        async with asyncio.timeout(10):
            frames = await all_of(reader)
        shown = server.url
    assert len(frames) == 1
    request = server.requests[0]
    assert request.target == "/events?token=hidden1&x=%2F"
    assert request.headers["authorization"] == "Basic dXNlcjpwYSBzcw=="
    assert request.headers["x-key"] == "hidden2"
    assert reader.url == shown
    told = caplog.text + repr(reader.health()) + repr(reader._address)
    assert not any(secret in told for secret in ("hidden", "user:", "pa ss", "pa%20ss", "dXNlc"))


@pytest.mark.parametrize(
    "url", ["", "localhost:80/events", "ftp://host/x", "http://", "http://h:port/", "file:///etc/passwd"]
)
def test_a_url_that_is_none_is_refused_before_anything_starts(url: str) -> None:
    with pytest.raises(ConfigurationError, match="feed mirakc"):
        SseFeed(url, name="mirakc")


@pytest.mark.parametrize("value", ["secret\n", " secret", "sec\0ret", "sec\r\nX-Injected: 1"])
def test_a_header_that_cannot_be_sent_is_refused_without_its_value(value: str) -> None:
    with pytest.raises(ConfigurationError, match="X-Key") as caught:
        SseFeed("http://host/", headers={"X-Key": value})
    assert "ecret" not in str(caught.value).replace("a secret that was read", "")
    with pytest.raises(ConfigurationError, match="name of an HTTP header"):
        SseFeed("http://host/", headers={"X Key": "x"})
