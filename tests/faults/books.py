"""What reached the sink against what was sent, by content."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.api import ConsumerInfo
from streamworker.letters import LETTER_HEADER, Letter, decode

from tests.faults.load import Event
from tests.faults.timeline import Timeline

_ANSWER = 10.0
_SILENCE = 20.0
COPY = "SHOP_SHIPPER_PARTITIONS"
_TOLD = 5  # events whose story a failure tells


async def messages(client: Client, stream: str) -> list[Msg]:
    """All messages of a stream, in order."""
    jetstream = client.jetstream(timeout=_ANSWER)
    left = (await jetstream.stream_info(stream)).state.messages
    found: list[Msg] = []
    if not left:
        return found
    came = asyncio.Event()

    async def take(message: Msg) -> None:
        found.append(message)
        came.set()

    subscription = await jetstream.subscribe(">", stream=stream, ordered_consumer=True, cb=take)
    while len(found) < left:
        came.clear()
        async with asyncio.timeout(_SILENCE):
            await came.wait()
    await subscription.unsubscribe()
    return found


async def count(client: Client, stream: str) -> int:
    """How many messages a stream holds; -1 where nobody can tell."""
    try:
        return (await client.jetstream(timeout=2).stream_info(stream)).state.messages
    except (NatsError, OSError, TimeoutError):
        return -1


async def consumer(client: Client) -> ConsumerInfo | None:
    """What the server says of the worker's consumer; None where nobody can tell."""
    try:
        info: ConsumerInfo = await client.jetstream(timeout=2).consumer_info("ORDERS", "shop-shipper")
    except (NatsError, OSError, TimeoutError):
        return None
    return info


async def idle(client: Client) -> bool:
    """Whether all that is stored was handed out and settled; of a worker with partitions, whether it was copied, too."""
    copied = await count(client, COPY)
    infos = [await consumer(client)] if copied < 0 else await partitions(client)
    is_copied = copied < 0 or copied == await count(client, "ORDERS")
    return is_copied and all(info is not None and not info.num_pending and not info.num_ack_pending for info in infos)


async def partitions(client: Client) -> Sequence[ConsumerInfo | None]:
    """What the server says of the consumers of the worker's partitions; [None] where nobody can tell."""
    try:
        return await client.jetstream(timeout=2).consumers_info(COPY) or [None]
    except (NatsError, OSError, TimeoutError):
        return [None]


async def letters(client: Client) -> list[Letter]:
    stored = await messages(client, "SHOP_DEAD_LETTERS")
    return [decode(each.headers, each.data) for each in stored if each.headers and LETTER_HEADER in each.headers]


@dataclass(frozen=True)
class Found:
    """What an event's output says, and when it was stored."""

    output: tuple[int, int, int, str]
    at: float
    sequence: int


async def verify(
    client: Client,
    load: Sequence[Event],
    timeline: Timeline,
    *,
    dead: Collection[int] = (),
    gone: Sequence[Event] = (),
    purged: Sequence[Msg] = (),
    twice: bool = False,
) -> int:
    """Each event once in the input; each of its outputs once in the sink, or the event among the dead letters, if it is one of `dead`.

    gone: events whose stream was deleted since. purged: what the sink held before it was purged. twice: whether an output may stand more than
    once. Returns how many outputs are surplus, which is 0 but where they may be.
    """
    sent = Counter(event.number for event in load)
    assert Counter(_numbers(await messages(client, "ORDERS"))) == sent, (
        "the input itself is not exact: a fault of the test"
    )
    found = [_found(message) for message in [*purged, *await messages(client, "SHIPPING")]]
    actual = Counter(each.output for each in found)
    expected = Counter(output for event in (*gone, *load) if event.number not in dead for output in event.outputs())
    lost, surplus = expected - actual, actual - expected
    buried = Counter(_numbers(await letters(client)))
    astray = (buried - Counter(set(dead))) + (Counter(set(dead)) - buried)
    wrong = (
        {output[0] for output in lost}
        | set(astray)
        | {output[0] for output in surplus if not (twice and expected[output])}
    )
    if wrong:
        raise AssertionError(
            f"seed {timeline.seed}: {lost.total()} lost, {surplus.total()} twice or not expected, of {expected.total()}; "
            f"dead letters {dict(buried)}, expected {sorted(dead)}\n"
            + "\n".join(timeline.of(number, _stored(found, number)) for number in sorted(wrong)[:_TOLD])
        )
    return surplus.total()


def _numbers(carriers: Sequence[Msg] | Sequence[Letter]) -> Iterator[int]:
    """The numbers of events; what is no event has none."""
    for each in carriers:
        try:
            yield json.loads(each.data)["number"]
        except (ValueError, TypeError, KeyError, RecursionError):
            continue


def _found(message: Msg) -> Found:
    value = json.loads(message.data)
    output = (value["number"], value["customer"], value["part"], value["note"])
    return Found(output, message.metadata.timestamp.timestamp(), message.metadata.sequence.stream)


def _stored(found: Sequence[Found], number: int) -> list[tuple[float, str]]:
    return [(each.at, f"part {each.output[2]} stored as {each.sequence}") for each in found if each.output[0] == number]
