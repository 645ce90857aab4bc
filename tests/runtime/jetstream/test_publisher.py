from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from streamworker.errors import PublishRefused, StreamworkerError
from streamworker.jetstream.api import Api
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.publisher import Publisher
from streamworker.jetstream.scan import scan
from streamworker.sinks.base import Output, Stored

from tests.conftest import Eventually, StartNatsServer
from tests.faults.proxy import Direction, Frame, Proxy


class Words:
    """What was said of each output, by its id."""

    def __init__(self) -> None:
        self.stored: dict[str, Stored] = {}
        self.refused: dict[str, StreamworkerError] = {}
        self.count = 0

    def __call__(self, output: Output, word: Stored | StreamworkerError) -> None:
        self.count += 1
        if isinstance(word, Stored):
            self.stored[output.id] = word
        else:
            self.refused[output.id] = word


@pytest.fixture
def words() -> Words:
    return Words()


@pytest.fixture
async def publisher(connection: Connection) -> AsyncIterator[Publisher]:
    publisher = Publisher(connection)
    await publisher.open()
    yield publisher
    await publisher.close()


async def make_stream(api: Api, name: str, **config: object) -> str:
    await api.create_stream({"name": name, "subjects": [f"{name}.>"], "storage": "file", **config})
    return name


async def bodies(connection: Connection, stream: str) -> list[bytes]:
    return [message.data async for message in scan(connection, stream)]


def output(subject: str, id: str, data: bytes = b"body", **headers: str) -> Output:
    return Output(subject, data, id, headers)


async def test_each_output_is_stored_and_told_of_once(
    connection: Connection, api: Api, publisher: Publisher, prefix: str, words: Words, eventually: Eventually
) -> None:
    await make_stream(api, prefix)
    for n in range(2000):
        publisher.publish(output(f"{prefix}.a", f"id{n}", str(n).encode(), Name="välue"), words)
    await eventually(lambda: len(words.stored) == 2000)
    assert words.count == 2000
    assert not len(publisher)
    assert repr(words.stored["id7"]) == repr(Stored.of(prefix, 8, duplicate=False))
    messages = [message async for message in scan(connection, prefix)]
    assert [message.data for message in messages] == [str(n).encode() for n in range(2000)]
    assert messages[3].headers == {"Name": "välue", "Nats-Msg-Id": "id3"}


async def test_a_duplicate_is_a_success(
    api: Api, publisher: Publisher, prefix: str, words: Words, eventually: Eventually
) -> None:
    await make_stream(api, prefix)
    publisher.publish(output(f"{prefix}.a", "same"), words)
    publisher.publish(output(f"{prefix}.a", "same"), words)
    await eventually(lambda: words.count == 2)
    assert repr(words.stored["same"]) == repr(Stored.of(prefix, 1, duplicate=True))


async def test_the_first_output_in_a_stream_called_duplicate_is_none(
    connection: Connection, api: Api, publisher: Publisher, words: Words, eventually: Eventually
) -> None:
    stream = await make_stream(api, "duplicate")
    publisher.publish(output(f"{stream}.a", "first"), words)
    await eventually(lambda: "first" in words.stored)
    once = words.stored.pop("first")
    publisher.publish(output(f"{stream}.a", "first"), words)
    await eventually(lambda: "first" in words.stored)
    twice = words.stored["first"]
    await api.delete_stream(stream)
    assert f"{once}" == "Stored(stream='duplicate', sequence=1, duplicate=False)"
    assert [(word.stream, word.sequence, word.duplicate) for word in (once, twice)] == [
        (stream, 1, False),
        (stream, 1, True),
    ]


async def test_a_full_stream_is_waited_for(
    connection: Connection, api: Api, publisher: Publisher, prefix: str, words: Words, eventually: Eventually
) -> None:
    await make_stream(api, prefix, discard="new", max_msgs=2)
    for n in range(4):
        publisher.publish(output(f"{prefix}.a", f"id{n}", str(n).encode()), words)
    await eventually(lambda: "10077" in publisher.waiting)
    assert len(words.stored) == 2
    await api.purge_stream(prefix)
    await eventually(lambda: len(words.stored) == 4)
    assert not publisher.waiting
    assert not words.refused
    assert words.count == 4
    assert sorted(await bodies(connection, prefix)) == [b"2", b"3"]


async def test_a_subject_that_no_stream_takes_yet_is_waited_for(
    api: Api, publisher: Publisher, prefix: str, words: Words, eventually: Eventually
) -> None:
    publisher.publish(output(f"{prefix}.a", "id"), words)
    await eventually(lambda: "no stream" in publisher.waiting)
    await make_stream(api, prefix)
    await eventually(lambda: words.stored)


async def test_what_a_stream_will_never_take_is_refused_and_the_rest_goes_on(
    api: Api, publisher: Publisher, prefix: str, words: Words, eventually: Eventually
) -> None:
    await make_stream(api, prefix, max_msg_size=100)
    publisher.publish(output(f"{prefix}.a", "large", b"x" * 101), words)
    publisher.publish(output(f"{prefix}.a", "small"), words)
    await eventually(lambda: words.count == 2)
    assert isinstance(words.refused["large"], PublishRefused)
    assert words.refused["large"].code == 10054
    assert "small" in words.stored


async def test_one_byte_over_max_payload_is_refused_and_the_connection_lives(
    connection: Connection, api: Api, publisher: Publisher, prefix: str, words: Words, eventually: Eventually
) -> None:
    await make_stream(api, prefix)
    limit = connection.outbox.max_payload
    headers = len(b"NATS/1.0\r\nNats-Msg-Id: id\r\n\r\n")
    fits, large = (output(f"{prefix}.a", "id", b"x" * (limit - headers + extra)) for extra in (0, 1))
    publisher.check(fits)
    with pytest.raises(PublishRefused, match="max_payload"):
        publisher.check(large)
    publisher.publish(large, words)
    await eventually(lambda: isinstance(words.refused.get("id"), PublishRefused))
    publisher.publish(fits, words)
    await eventually(lambda: "id" in words.stored)
    assert connection.connected


@pytest.mark.parametrize("subject", ["a b", "", "a\r\nPUB b 0"])
async def test_a_subject_that_can_not_be_is_refused(
    publisher: Publisher, words: Words, eventually: Eventually, subject: str
) -> None:
    publisher.publish(output(subject, "id"), words)
    await eventually(lambda: "id" in words.refused)


async def test_line_breaks_in_headers_do_not_become_headers(
    connection: Connection, api: Api, publisher: Publisher, prefix: str, words: Words, eventually: Eventually
) -> None:
    await make_stream(api, prefix)
    publisher.publish(output(f"{prefix}.a", "id", Name="a\r\nNats-Rollup: all"), words)
    await eventually(lambda: words.stored)
    message = await anext(scan(connection, prefix))
    assert set(message.headers or {}) == {"Name", "Nats-Msg-Id"}


async def test_nothing_is_lost_and_nothing_stored_twice_when_the_server_is_killed(
    start_nats_server: StartNatsServer,
    open_connection: Callable[..., Connection],
    words: Words,
    eventually: Eventually,
) -> None:
    """Each time with outputs that it has stored, and whose ack it has sent, and nobody got."""
    server = start_nats_server()
    async with Proxy(server.url) as proxy:
        connection, onlooker = open_connection(proxy.url), open_connection(server.url)
        await connection.open()
        await onlooker.open()
        await make_stream(Api(connection), "OUT")
        publisher = Publisher(connection)
        await publisher.open()

        async def publish(start: int) -> None:
            for n in range(start, start + 1000):
                publisher.publish(output("OUT.a", f"id{n}", str(n).encode()), words)
                if n % 50 == 0:
                    await asyncio.sleep(0)

        async def some_are_stored_and_not_told_of() -> bool:
            return (await Api(onlooker).stream_info("OUT")).messages > len(words.stored) + 100

        for kill in range(3):
            await publish(kill * 2000)
            proxy.swallowed = frozenset({"down"})
            await eventually(some_are_stored_and_not_told_of)
            server.kill()
            await publish(kill * 2000 + 1000)
            server.start()
            proxy.heal()
            await onlooker.ready(10)
        await eventually(lambda: len(words.stored) == 6000, within=30)
        assert words.count == 6000
        assert not words.refused
        found = await bodies(connection, "OUT")
        assert len(found) == 6000
        assert set(found) == {str(n).encode() for n in range(6000)}
        await publisher.close()


async def test_a_server_that_stands_still_is_asked_again_with_the_same_id(
    start_nats_server: StartNatsServer,
    open_connection: Callable[..., Connection],
    words: Words,
    eventually: Eventually,
) -> None:
    server, sent = start_nats_server(), []

    def note(direction: Direction, frame: Frame) -> float:
        if direction == "up" and frame.subject == "OUT.a":
            sent.append(frame)
        return 0.0

    async with Proxy(server.url) as proxy:
        proxy.hold = note
        connection = open_connection(proxy.url, ping_interval=60.0)
        await connection.open()
        await make_stream(Api(connection), "OUT")
        publisher = Publisher(connection, timeout=0.3)
        await publisher.open()
        server.pause()
        publisher.publish(output("OUT.a", "id"), words)
        await eventually(lambda: "no word" in publisher.waiting)
        await eventually(lambda: len(sent) == 2)
        server.resume()
        await eventually(lambda: words.stored)
        assert await bodies(connection, "OUT") == [b"body"]
        await publisher.close()
