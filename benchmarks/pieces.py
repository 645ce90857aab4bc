"""`python -m benchmarks.pieces`: what the pieces of an event's way cost by themselves, ours beside nats-py's, without a server.

Each piece is timed many times in turn with the others, and its least time counts: what else the machine does can only add to it.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.protocol.parser import Parser
from streamworker.app.load import load_pipeline
from streamworker.delivery import Origin
from streamworker.engine.ids import Ids
from streamworker.jetstream.reading import Reader
from streamworker.jetstream.wire import publish_line, settling_line
from streamworker.subject import AnySubject

from benchmarks.figures import table
from benchmarks.server import Job, readings

_MESSAGES = 60
_REPEATS = 200
_REPLY = "$JS.ACK.READINGS.bench-plain.1.12345.12345.1732448000000000000.12345"
_ID = "0123456789abcdef01234567"
_HEADERS = {"Streamworker-Correlation": "READINGS.12345"}

Piece = Callable[[], Awaitable[None]]
"""Does it `_MESSAGES` times."""


def main() -> None:
    print(table("piece | microseconds:", [(name, f"{each:.2f}") for name, each in asyncio.run(_timed(_pieces()))]))


async def _timed(pieces: Sequence[tuple[str, Piece]]) -> list[tuple[str, float]]:
    least = dict.fromkeys((name for name, _ in pieces), float("inf"))
    for _ in range(_REPEATS):
        for name, piece in pieces:
            began = time.perf_counter()
            await piece()
            least[name] = min(least[name], (time.perf_counter() - began) / _MESSAGES * 1e6)
    return list(least.items())


def _pieces() -> list[tuple[str, Piece]]:
    pipeline = load_pipeline(Path(__file__).parent / "project")
    reading, alert = (
        next(each for each in pipeline.subjects if each.event.__name__ == name) for name in ("Reading", "Alert")
    )
    event = _handled(reading)
    ids, origin = Ids("bench", "plain"), Origin("READINGS", 1_732_448_000_000_000_000, 12_345)
    data = alert.encode(event)
    client = _client()
    return [
        ("receive a delivery: nats-py", _by_nats_py(client, 1, _delivery())),
        ("receive a delivery: ours", _by_reader(_delivery())),
        ("receive a publish ack: nats-py", _by_nats_py(client, 2, _ack())),
        ("receive a publish ack: ours", _by_reader(_ack())),
        (
            "write an output: nats-py",
            _sent(client, "alert.sensor-12", data, "_INBOX.abcdef.1.12345", {**_HEADERS, "Nats-Msg-Id": _ID}),
        ),
        (
            "write an output: ours",
            _each(partial(publish_line, "alert.sensor-12", data, "_INBOX.abcdef.1.12345", _HEADERS, _ID)),
        ),
        ("write an ack: nats-py", _sent(client, _REPLY, b"+ACK", "", None)),
        ("write an ack: ours", _each(partial(settling_line, _REPLY, b""))),
        ("decode a reading", _each(partial(reading.decode, _reading()))),
        ("make an alert of it", _each(partial(_handled, reading, reading.decode(_reading())))),
        ("encode the alert", _each(partial(alert.encode_closed, event))),
        ("its subject", _each(partial(alert.subject_for, event))),
        ("its id", _each(partial(ids.output, origin, "alert.sensor-12"))),
    ]


def _reading() -> bytes:
    return next(readings(Job(1)))[1]


def _handled(reading: AnySubject, event: object = None) -> object:
    """What the plain handler makes of a reading."""
    make = sys.modules["handlers.alerts"].alert
    return make(event or reading.decode(_reading()))


def _delivery() -> bytes:
    data = _reading()
    return b"MSG reading.sensor-12 1 %b %d\r\n%b\r\n" % (_REPLY.encode(), len(data), data)


def _ack() -> bytes:
    data = b'{"stream":"ALERTS", "seq":12345}'
    return b"MSG _INBOX.abcdef.1.12345 2 %d\r\n%b\r\n" % (len(data), data)


def _each(once: Callable[[], object]) -> Piece:
    async def piece() -> None:
        for _ in range(_MESSAGES):
            once()

    return piece


def _client() -> Client:
    """A client of nats-py that believes to be connected."""
    client = Client()
    client._status = Client.CONNECTED
    client._max_payload = 1024 * 1024
    return client


def _sent(client: Client, subject: str, data: bytes, reply: str, headers: dict[str, str] | None) -> Piece:
    async def piece() -> None:
        for _ in range(_MESSAGES):
            await client.publish(subject, data, reply, headers)
        client._pending.clear()
        client._pending_data_size = 0

    return piece


def _by_nats_py(client: Client, sid: int, message: bytes) -> Piece:
    """Its parser, its queue and task for a subscription, its callback: one that does nothing."""
    seen: list[Msg] = []

    async def on_message(each: Msg) -> None:
        seen.append(each)

    async def piece() -> None:
        if sid not in client._subs:
            subscription = Subscription(client, sid, "a", cb=on_message, pending_msgs_limit=0, pending_bytes_limit=0)
            subscription._start(None)  # type: ignore[no-untyped-call]  # nats-py's own
            client._subs[sid] = subscription
        seen.clear()
        await Parser(client).parse(message * _MESSAGES)
        while len(seen) < _MESSAGES:  # noqa: ASYNC110 -- its task has no event for it
            await asyncio.sleep(0)

    return piece


def _by_reader(message: bytes) -> Piece:
    reader = Reader(_client(), print)
    for _ in (1, 2):
        reader.listen(lambda _message: None)

    async def piece() -> None:
        await reader.parse(message * _MESSAGES)

    return piece


if __name__ == "__main__":
    main()
