"""What a feed does when its server, stream, consumer or permissions go, and when they come back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from nats.aio.client import Client
from streamworker.errors import ConnectionLost, WorkerStopped
from streamworker.jetstream.api import Api
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.options import Credentials

from tests.conftest import Eventually, StartNatsServer
from tests.runtime.jetstream.fakes import Holder, acks, keeps
from tests.runtime.jetstream.feeding import fed, fill, make_stream
from tests.servers import NatsServer


async def test_a_deleted_consumer_is_made_again_behind_what_was_settled(
    connection: Connection,
    api: Api,
    nats_client: Client,
    stream: str,
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As far as the last look, one every ten seconds, has told; here there are more of them."""
    monkeypatch.setattr("streamworker.jetstream.feed._LOOK_EVERY", 0.05)
    await fill(nats_client, stream, 50)
    holder = Holder()
    async with fed(connection, stream, holder, f"{stream}.a") as feed:
        await eventually(lambda: len(holder.got) == 50)
        await eventually(feed.drained)
        await eventually(lambda: feed._floor == 50)
        await api.delete_consumer(stream, "worker")
        await eventually(lambda: holder.losses)
        await fill(nats_client, stream, 50, 50)
        await eventually(lambda: len(holder.times) == 100)
    assert set(holder.times.values()) == {1}
    assert "worker" in holder.losses[0]
    assert len(holder.losses) == 1


async def test_an_ack_of_a_deleted_stream_does_not_settle_in_its_successor(
    connection: Connection,
    open_connection: Callable[..., Connection],
    nats_server: NatsServer,
    api: Api,
    nats_client: Client,
    stream: str,
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another replica finds the successor first, and is handed what the acks could settle; ours looks again some seconds later."""
    monkeypatch.setattr("streamworker.jetstream.feed._SHORTEST_PAUSE", 3.0)
    await fill(nats_client, stream, 10)
    holder, other = Holder(keeps), Holder(keeps)
    neighbour = open_connection(nats_server.url)
    await neighbour.open()
    async with fed(connection, stream, holder, f"{stream}.a", ack_wait=30.0) as feed:
        await eventually(lambda: len(holder.got) == 10)
        await api.delete_stream(stream)
        await eventually(lambda: holder.losses)
        for incoming in holder.got:
            acks(incoming)  # a worker would not: it was told
        assert stream in feed.health().waiting
        await make_stream(api, stream)
        await fill(nats_client, stream, 10, 100)
        async with fed(neighbour, stream, other, f"{stream}.a", ack_wait=30.0):
            await eventually(lambda: len(other.got) == 10)
            await eventually(lambda: not feed.health().waiting, within=40)
            await feed.settled()
            assert (await api.consumer_info(stream, "worker")).unsettled == 10
        await fill(nats_client, stream, 10, 200)
        await eventually(lambda: len(holder.got) == 20, within=40)
        assert {incoming.origin.created for incoming in holder.got[10:]} != {holder.got[0].origin.created}
    assert len(holder.losses) == 1


async def test_pulls_go_on_after_the_server_was_killed(
    start_nats_server: StartNatsServer, open_connection: Callable[..., Connection], eventually: Eventually
) -> None:
    server = start_nats_server()
    connection = open_connection(server.url)
    await connection.open()
    api = Api(connection)
    stream = await make_stream(api, "IN")
    holder = Holder()
    async with fed(connection, stream, holder, "IN.a", ack_wait=2.0) as feed:
        await _fill_by(server, stream, 50)
        await eventually(lambda: len(holder.got) == 50)
        server.kill()
        await eventually(lambda: not connection.connected)
        await eventually(lambda: feed.health().waiting)
        server.start()
        await eventually(lambda: connection.connected)
        await _fill_by(server, stream, 50, 50)
        await eventually(lambda: len(holder.times) == 100)
        await eventually(feed.drained)
    assert not holder.losses


async def test_settlements_said_while_disconnected_reach_the_same_consumer(
    start_nats_server: StartNatsServer, open_connection: Callable[..., Connection], eventually: Eventually
) -> None:
    server = start_nats_server()
    connection = open_connection(server.url)
    await connection.open()
    stream = await make_stream(Api(connection), "IN")
    holder = Holder(keeps)
    async with fed(connection, stream, holder, "IN.a") as feed:
        await _fill_by(server, stream, 10)
        await eventually(lambda: len(holder.got) == 10)
        server.stop()
        await eventually(lambda: not connection.connected)
        for incoming in holder.got:
            acks(incoming)
        server.start()
        await eventually(feed.drained)
    assert len(holder.got) == 10


async def _fill_by(server: NatsServer, stream: str, count: int, start: int = 0) -> None:
    client = Client()
    await client.connect(server.url)
    await fill(client, stream, count, start)
    await client.close()


async def test_permissions_that_are_taken_are_told_of_and_work_goes_on_when_they_are_given_back(
    start_nats_server: StartNatsServer, open_connection: Callable[..., Connection], eventually: Eventually
) -> None:
    config = """authorization {{ users: [
        {{ user: admin, password: a }}, {{ user: worker, password: w, permissions: {{ publish: {{ deny: {denied} }} }} }}
    ] }}"""
    server = start_nats_server(config=config.format(denied="[]"))
    admin = open_connection(server.url, credentials=Credentials(user="admin", password="a"))
    await admin.open()
    stream = await make_stream(Api(admin), "IN")
    worker = open_connection(server.url, credentials=Credentials(user="worker", password="w"))
    await worker.open()
    holder = Holder(room=1)
    async with fed(worker, stream, holder, "IN.a") as feed:
        server.configure(config.format(denied='"$JS.API.CONSUMER.MSG.NEXT.>"'))
        server.reload()
        await admin.ready(10)
        await admin.requests.ask("IN.a", b"body")  # fulfils the pull that is open: the next one is refused
        await eventually(lambda: "does not permit pulling" in feed.health().waiting)
        server.configure(config.format(denied="[]"))
        server.reload()
        await admin.ready(10)
        await admin.requests.ask("IN.a", b"body")
        await eventually(lambda: len(holder.got) == 2)
        assert not feed.health().waiting
    assert not holder.losses


async def test_a_long_outage_leaves_nothing_behind_but_what_is_still_wanted(
    start_nats_server: StartNatsServer, open_connection: Callable[..., Connection], eventually: Eventually
) -> None:
    server = start_nats_server()
    connection = open_connection(server.url, request_timeout=0.1)
    await connection.open()
    stream = await make_stream(Api(connection), "IN")
    holder = Holder(keeps)
    async with fed(connection, stream, holder, "IN.a") as feed:
        await _fill_by(server, stream, 10)
        await eventually(lambda: len(holder.got) == 10)
        server.stop()
        await eventually(lambda: not connection.connected)
        for _ in range(20):
            with pytest.raises(ConnectionLost):
                await Api(connection).account_info()
            for incoming in holder.got:
                incoming.settler.in_progress(incoming)
            feed.wake()
        assert not len(connection.outbox)
        server.start()
        for incoming in holder.got:
            acks(incoming)
        await connection.ready(10)
        await eventually(feed.drained)


async def test_an_error_of_our_own_beside_the_deliveries_stops_the_worker(
    connection: Connection,
    nats_client: Client,
    stream: str,
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It would end the watch over the consumer unseen."""
    monkeypatch.setattr("streamworker.jetstream.feed._LOOK_EVERY", 0.05)
    await fill(nats_client, stream, 1)
    holder = Holder()
    async with fed(connection, stream, holder, f"{stream}.a") as feed:
        monkeypatch.setattr(feed, "_api", None)
        await eventually(lambda: holder.failures)
    assert isinstance(holder.failures[0], WorkerStopped)
    assert "look after the consumer: stopped by an error of streamworker's own" in caplog.text
