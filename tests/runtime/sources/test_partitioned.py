"""A partitioned source on a real server, seen from its worker."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest
from pydantic import BaseModel
from streamworker.errors import ConnectionLost
from streamworker.jetstream.api import Api
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.options import ConnectionOptions
from streamworker.jetstream.plan import wanted_bucket
from streamworker.jetstream.provision import provision
from streamworker.sources import partitioned
from streamworker.sources.base import ConsumerOptions, Partitions
from streamworker.sources.partitioned import PartitionedFeed
from streamworker.subject import Subject

from tests.runtime.jetstream.fakes import Holder
from tests.servers import NatsServer


class Ordered(BaseModel, frozen=True):
    key: str


async def test_what_is_given_back_of_partitions_of_others_is_heard_of_before_it_is_forgotten(
    start_nats_server: Callable[..., NatsServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a dead process left stands in its journal until the server knows; a process that owns no partition gives it back, too."""
    monkeypatch.setattr(partitioned, "shares", lambda _members, count: ["another"] * count)
    server = start_nats_server()
    connection = Connection(ConnectionOptions(url=server.url, request_timeout=0.5))
    await connection.open()
    api = Api(connection)
    await api.create_stream({"name": "ORDERS", "subjects": ["orders.*"], "storage": "file"})
    await provision(api, [wanted_bucket("shop_leases", "tests")])
    options = ConsumerOptions(
        durable="worker", ack_wait=1.0, pinned=True, partitions=Partitions(2, "key", "shop_leases")
    )
    feed = PartitionedFeed(connection, "ORDERS", [Subject("orders.{key}", Ordered)], Holder(), options)
    await feed.start()
    await feed.settled()
    os.kill(server.pid, signal.SIGSTOP)
    try:
        feed.give_back(["$JS.ACK.SHOP_WORKER_PARTITIONS.worker-0.1.1.1.1.0"])
        with pytest.raises(ConnectionLost):
            await feed.settled()
    finally:
        os.kill(server.pid, signal.SIGCONT)
    await feed.stop()
    await feed.close()
    await connection.close()
