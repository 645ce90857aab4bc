"""A consumer's deliveries: asked for as they are wanted, settled, and at a stop all taken over."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable

import pytest
from nats.aio.client import Client
from streamworker.delivery import Incoming
from streamworker.errors import ResourceConflict
from streamworker.jetstream.api import Api
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.feed import Feed, consumer_of, sequence_of
from streamworker.jetstream.messages import Message
from streamworker.sources.base import ConsumerOptions, OpenSource

from tests.conftest import Eventually
from tests.faults.proxy import Direction, Frame, Proxy
from tests.runtime.jetstream.fakes import Holder, acks, keeps
from tests.runtime.jetstream.feeding import fed, fill
from tests.servers import NatsServer


async def test_everything_is_delivered_once_and_settled(
    connection: Connection, nats_client: Client, stream: str, eventually: Eventually
) -> None:
    bodies = await fill(nats_client, stream, 1000)
    holder = Holder()
    async with fed(connection, stream, holder, f"{stream}.a") as feed:
        await eventually(lambda: len(holder.got) == 1000)
        bodies |= await fill(nats_client, stream, 100, 1000)
        await eventually(lambda: len(holder.got) == 1100)
        await feed.settled()
        await eventually(feed.drained)
        assert feed.health().connected
        assert feed.health().backlog == 0
    assert set(holder.times) == bodies
    assert set(holder.times.values()) == {1}


async def test_a_delivery_says_where_it_comes_from(
    connection: Connection, api: Api, nats_client: Client, stream: str, eventually: Eventually
) -> None:
    await nats_client.jetstream().publish(f"{stream}.a", b"body", headers={"Name": "value", "Status": "404"})
    holder = Holder()
    async with fed(connection, stream, holder, f"{stream}.a") as feed:
        incoming = (await eventually(lambda: holder.got))[0]
        assert (incoming.subject, incoming.data, incoming.delivered) == (f"{stream}.a", b"body", 1)
        assert incoming.headers == {"Name": "value", "Status": "404"}
        assert incoming.origin.stream == stream
        assert incoming.origin.sequence == 1
        assert incoming.origin.created == (await api.stream_info(stream)).created
        session: OpenSource = feed
        assert incoming.settler is session


@pytest.mark.parametrize(
    "reply",
    [
        "$JS.ACK.S.worker.3.17.19.1795549221240621294.4",
        "$JS.ACK.hub.ACCOUNT.S.worker.3.17.19.1795549221240621294.4",
        "$JS.ACK._.ACCOUNT.S.worker.3.17.19.1795549221240621294.4.random",
    ],
)
async def test_a_delivery_is_read_from_each_form_of_its_reply(connection: Connection, reply: str) -> None:
    """With a domain and the account's hash, and what later servers write behind them (ADR-15)."""
    holder = Holder(keeps)
    feed = Feed(connection, Api(connection), "S", ["a"], holder, ConsumerOptions(durable="worker"))
    feed.deliver(Message("a", reply, b"body"))
    (incoming,) = holder.got
    found = incoming.delivered, incoming.origin.sequence, feed.handed_out(reply), sequence_of(reply)
    assert found == (3, 17, 19, 17)
    assert (consumer_of(reply), feed.health().backlog) == ("worker", 4)


async def test_no_more_comes_than_is_wanted_until_it_is_woken(
    connection: Connection, nats_client: Client, stream: str, eventually: Eventually
) -> None:
    await fill(nats_client, stream, 100)
    holder = Holder(keeps)
    holder.demand = lambda: max(0, 10 - len(holder.got))  # type: ignore[method-assign]  # a worker with ten places
    async with fed(connection, stream, holder, f"{stream}.a") as feed:
        await eventually(lambda: len(holder.got) == 10)
        await asyncio.sleep(0.1)  # time for what must not happen
        assert len(holder.got) == 10
        holder.demand = lambda: max(0, 100 - len(holder.got))  # type: ignore[method-assign]  # the same, with more
        feed.wake()
        await eventually(lambda: len(holder.got) == 100)


async def test_large_messages_are_asked_for_no_faster_than_they_are_read(
    connection: Connection, nats_client: Client, stream: str, eventually: Eventually
) -> None:
    """A server cuts off who has 64 MB to read; here are 96 MB, for someone who is slow, and wants all of it at once."""
    for _ in range(1_500):
        await nats_client.publish(f"{stream}.a", bytes(64_000))
    await nats_client.flush()

    def slowly(incoming: Incoming) -> None:
        time.sleep(0.001)
        acks(incoming)

    holder = Holder(slowly, room=4_000)
    async with fed(connection, stream, holder, f"{stream}.a"):
        await eventually(lambda: len(holder.got) == 1_500, within=25)
    assert {incoming.delivered for incoming in holder.got} == {1}


async def test_a_nak_brings_it_back_after_its_delay(
    connection: Connection, nats_client: Client, stream: str, eventually: Eventually
) -> None:
    await fill(nats_client, stream, 1)
    times: list[float] = []

    def settle(incoming: Incoming) -> None:
        times.append(time.monotonic())
        if incoming.delivered == 1:
            incoming.settler.nak(incoming, 0)
        elif incoming.delivered == 2:
            incoming.settler.nak(incoming, 0.5)
        else:
            incoming.settler.ack(incoming)

    holder = Holder(settle)
    async with fed(connection, stream, holder, f"{stream}.a") as feed:
        await eventually(lambda: len(holder.got) == 3)
        await eventually(feed.drained)
    assert times[1] - times[0] < 0.4
    assert 0.45 < times[2] - times[1] < 2


async def test_a_terminated_delivery_never_comes_back(
    connection: Connection, nats_client: Client, stream: str, eventually: Eventually
) -> None:
    advisories = await nats_client.subscribe(f"$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.{stream}.>")
    await nats_client.flush()
    await fill(nats_client, stream, 1)
    holder = Holder(lambda incoming: incoming.settler.term(incoming, "not\r\nwanted"))
    async with fed(connection, stream, holder, f"{stream}.a", ack_wait=0.5) as feed:
        await eventually(feed.drained)
        assert b'"reason":"not wanted"' in (await advisories.next_msg(timeout=5)).data
    assert len(holder.got) == 1


async def test_in_progress_keeps_it_beyond_ack_wait(
    connection: Connection, nats_client: Client, stream: str, eventually: Eventually
) -> None:
    await fill(nats_client, stream, 2)
    holder = Holder(keeps)
    async with fed(connection, stream, holder, f"{stream}.a", ack_wait=0.4):
        await eventually(lambda: len(holder.got) == 2)
        kept = holder.got[0]
        for _ in range(10):
            kept.settler.in_progress(kept)
            await asyncio.sleep(0.1)
        kept.settler.ack(kept)
    assert holder.times[kept.data] == 1
    assert holder.times[holder.got[1].data] > 1


async def test_after_stop_nothing_is_received_and_settlements_still_go_out(
    connection: Connection, nats_client: Client, stream: str, eventually: Eventually
) -> None:
    await fill(nats_client, stream, 1000)
    holder = Holder(keeps, room=300)
    async with fed(connection, stream, holder, f"{stream}.a") as feed:
        await eventually(lambda: holder.got)
        await feed.stop()
        received = len(holder.got)
        await fill(nats_client, stream, 10, 2000)
        for incoming in holder.got:
            acks(incoming)
        await feed.settled()
        info = await Api(connection).consumer_info(stream, "worker")
        assert len(holder.got) == received
        await eventually(lambda: _unsettled(connection, stream))
        assert info.pending + received == 1010


async def test_a_stop_leaves_nothing_on_its_way(
    connection: Connection, nats_client: Client, stream: str, eventually: Eventually
) -> None:
    """Whatever the server handed out has arrived: with its ack, nothing is left to come again after ack_wait."""
    for number in range(8_000):
        await nats_client.publish(f"{stream}.a", str(number).encode() * 100)
    await nats_client.flush()
    flows = asyncio.Event()

    def settle(incoming: Incoming) -> None:
        acks(incoming)
        flows.set()

    for turn in range(4):
        flows.clear()
        async with fed(connection, stream, Holder(settle, room=1_500), f"{stream}.a") as feed:
            await flows.wait()
            await feed.stop()
            await feed.settled()
            assert (await Api(connection).consumer_info(stream, "worker")).unsettled == 0, f"turn {turn}"


async def test_a_stop_unsubscribes_when_no_pull_is_open(
    nats_server: NatsServer,
    open_connection: Callable[..., Connection],
    nats_client: Client,
    stream: str,
    eventually: Eventually,
) -> None:
    """Earlier, and the server would drop what it has taken up and not sent: once in about fifty stops, so here it is seen on the wire."""
    await fill(nats_client, stream, 100)
    asked = came = 0
    left_open: list[int] = []

    def note(_direction: Direction, frame: Frame) -> float:
        nonlocal asked, came
        if b"CONSUMER.MSG.NEXT" in frame.line:
            asked += json.loads(frame.whole.partition(b"\r\n")[2])["batch"]
        elif b"$JS.ACK." in frame.line and frame.verb.endswith("MSG"):
            came += 1
        elif unfilled := re.search(rb"Nats-Pending-Messages: (\d+)", frame.whole):
            came += int(unfilled[1])
        elif frame.verb == "UNSUB":
            left_open.append(asked - came)
        return 0.0

    async with Proxy(nats_server.url) as proxy:
        proxy.hold = note
        connection, holder = open_connection(proxy.url), Holder(room=500)
        await connection.open()
        async with fed(connection, stream, holder, f"{stream}.a") as feed:
            await eventually(lambda: len(holder.got) == 100)
            await feed.stop()
            assert left_open == [0]


async def _unsettled(connection: Connection, stream: str) -> bool:
    return (await Api(connection).consumer_info(stream, "worker")).unsettled == 0


async def test_filters_may_grow_over_nothing_and_not_over_waiting_messages(
    connection: Connection, api: Api, nats_client: Client, stream: str, eventually: Eventually
) -> None:
    js = nats_client.jetstream()
    await js.publish(f"{stream}.b", b"skipped?")
    await js.publish(f"{stream}.a", b"1")
    holder = Holder()
    async with fed(connection, stream, holder, f"{stream}.a") as feed:
        await eventually(feed.drained)
    async with fed(connection, stream, holder, f"{stream}.a", f"{stream}.c") as feed:
        await js.publish(f"{stream}.c", b"2")
        await eventually(lambda: len(holder.got) == 2)
    with pytest.raises(ResourceConflict, match=rf"{stream}\.b"):
        async with fed(connection, stream, holder, f"{stream}.a", f"{stream}.b", f"{stream}.c"):
            pass


async def test_of_two_pinned_sources_one_works_until_it_ends(
    connection: Connection,
    open_connection: Callable[..., Connection],
    nats_server: NatsServer,
    nats_client: Client,
    stream: str,
    eventually: Eventually,
) -> None:
    other = open_connection(nats_server.url)
    await other.open()
    first, second = Holder(), Holder()
    async with (
        fed(other, stream, second, f"{stream}.a", pinned=True),
        fed(connection, stream, first, f"{stream}.a", pinned=True),
    ):
        await fill(nats_client, stream, 1)
        await eventually(lambda: first.got or second.got)
        active, standby = (first, second) if first.got else (second, first)
        for n in range(20):
            await fill(nats_client, stream, 10, 10 * n)
        await eventually(lambda: len(active.got) == 201)
        assert not standby.got


async def test_a_pinned_source_that_closes_hands_over_at_once(
    connection: Connection,
    open_connection: Callable[..., Connection],
    nats_server: NatsServer,
    nats_client: Client,
    stream: str,
    eventually: Eventually,
) -> None:
    other = open_connection(nats_server.url)
    await other.open()
    first, second = Holder(), Holder()
    async with fed(connection, stream, first, f"{stream}.a", pinned=True) as feed:
        await fill(nats_client, stream, 1)
        await eventually(lambda: first.got)
        async with fed(other, stream, second, f"{stream}.a", pinned=True):
            await feed.stop()
            await feed.close()
            await fill(nats_client, stream, 10, 1)
            await eventually(lambda: len(second.got) == 10, within=5)
    assert first.sequences == [1]
