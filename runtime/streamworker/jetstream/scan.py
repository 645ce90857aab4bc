"""Reading what a stream holds now, from its beginning to its present end."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from streamworker.errors import BrokerError, ConnectionLost
from streamworker.jetstream.api import Api
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.instants import to_nanoseconds
from streamworker.jetstream.messages import Message
from streamworker.jetstream.requests import status_of

_BATCH = 256
_FORGET_AFTER = 300.0
_NO_MORE = (404, 408)


async def scan(
    connection: Connection,
    stream: str,
    subject: str = ">",
    *,
    start: int = 1,
    last_of_each: bool = False,
    headers_only: bool = False,
) -> AsyncGenerator[Message, None]:
    """The messages of `subject` (wildcards allowed) that a stream holds when asked, from sequence `start` on, in order.

    last_of_each: of every concrete subject the last one only; `start` does not count then. headers_only: without their data. A message's place
    is in its reply: `sequence_of`. Nothing is settled, and nobody else gets less. Raises BrokerError, or ConnectionLost if the
    connection is lost meanwhile.
    """
    api = Api(connection)
    policy: dict[str, object] = {"deliver_policy": "by_start_sequence", "opt_start_seq": start}
    if last_of_each:
        policy = {"deliver_policy": "last_per_subject"}
    config = {
        **policy,
        "name": f"scan-{secrets.token_hex(8)}",
        "ack_policy": "none",
        "filter_subject": subject,
        "headers_only": headers_only,
        "inactive_threshold": to_nanoseconds(_FORGET_AFTER),
        "mem_storage": True,
        "num_replicas": 1,
        "replay_policy": "instant",
    }
    consumer = await api.save_consumer(stream, config, "create")
    try:
        async with _messages(connection) as (inbox, messages):
            left = consumer.pending
            while left > 0:
                batch = min(left, _BATCH)
                body = json.dumps({"batch": batch, "no_wait": True}).encode()
                connection.outbox.send(f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer.name}", body, inbox)
                for _ in range(batch):
                    message = await _next(connection, messages)
                    if not message.reply:
                        _check_end(stream, message)
                        return  # the rest was removed meanwhile
                    yield message
                left -= batch
    finally:
        await api.delete_consumer(stream, consumer.name)


def sequence_of(message: Message) -> int:
    """A message's sequence in its stream, by its reply subject."""
    return int(message.reply.split(".")[5 if message.reply.count(".") == 8 else 7])


def _check_end(stream: str, message: Message) -> None:
    """Raises BrokerError where that was not the end: who takes its time over what it reads may find the consumer gone."""
    status = status_of(message)
    if status not in _NO_MORE:
        raise BrokerError(f"reading {stream}", status or 0, (message.headers or {}).get("Description", "interrupted"))


async def _next(connection: Connection, messages: asyncio.Queue[Message]) -> Message:
    seconds = connection.options.request_timeout
    try:
        async with asyncio.timeout(seconds):
            message = await messages.get()
    except TimeoutError:
        raise ConnectionLost(connection.url, seconds, connection.waiting or "no messages came") from None
    return message


@asynccontextmanager
async def _messages(connection: Connection) -> AsyncIterator[tuple[str, asyncio.Queue[Message]]]:
    messages: asyncio.Queue[Message] = asyncio.Queue()
    inbox = connection.new_inbox()

    def on_message(message: Message) -> None:
        messages.put_nowait(message)

    subscription = await connection.subscribe(inbox, on_message)
    try:
        yield inbox, messages
    finally:
        await subscription.close()
