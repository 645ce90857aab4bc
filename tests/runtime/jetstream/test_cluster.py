from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

from streamworker.jetstream.api import Api
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.feed import Feed
from streamworker.jetstream.publisher import Publisher
from streamworker.jetstream.scan import scan
from streamworker.sinks.base import Output
from streamworker.sources.base import ConsumerOptions

from tests.conftest import Eventually
from tests.runtime.jetstream.fakes import Holder
from tests.runtime.jetstream.test_publisher import Words
from tests.servers import NatsCluster


async def leader_of(connection: Connection, stream: str) -> str:
    answer = json.loads((await connection.requests.ask(f"$JS.API.STREAM.INFO.{stream}")).data)
    return str(answer["cluster"].get("leader") or "")


async def test_work_goes_on_when_leaders_step_down_or_die(
    nats_cluster: NatsCluster, open_connection: Callable[..., Connection], eventually: Eventually
) -> None:
    connection = open_connection(nats_cluster.url)
    await connection.open()
    api = Api(connection)
    await api.create_stream({"name": "S", "subjects": ["s.>"], "storage": "file", "num_replicas": 3})
    publisher, words, holder = Publisher(connection, timeout=2.0), Words(), Holder()
    await publisher.open()
    feed = Feed(connection, api, "S", ["s.a"], holder, ConsumerOptions(durable="worker", ack_wait=5.0))
    await feed.start()

    async def publish(start: int) -> None:
        for n in range(start, start + 500):
            publisher.publish(Output("s.a", str(n).encode(), f"id{n}", {}), words)
            if n % 20 == 0:
                await asyncio.sleep(0.01)

    await publish(0)
    await connection.requests.ask("$JS.API.STREAM.LEADER.STEPDOWN.S")
    await publish(500)
    await connection.requests.ask("$JS.API.CONSUMER.LEADER.STEPDOWN.S.worker")
    await publish(1000)
    leader = await eventually(lambda: leader_of(connection, "S"))
    nats_cluster.named(leader).kill()
    await publish(1500)
    await eventually(lambda: len(words.stored) == 2000, within=30)
    await eventually(lambda: len(holder.times) == 2000, within=30)
    nats_cluster.named(leader).start()

    assert not words.refused
    assert not holder.losses
    found = [message.data async for message in scan(connection, "S")]
    assert len(found) == 2000
    assert set(found) == {str(n).encode() for n in range(2000)}
    await eventually(feed.drained, within=20)
    await feed.close()
    await publisher.close()
