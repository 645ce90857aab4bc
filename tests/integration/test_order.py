"""Order per key, over processes that are killed and follow each other: each key's outputs stand in the order of its inputs."""

from __future__ import annotations

import json
import signal
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import nats
import pytest
from nats.js import JetStreamContext

from tests.conftest import Eventually
from tests.integration.projects import PIPELINE, Project
from tests.servers import NatsServer

HANDLER = """\
import asyncio
import random

from generated.events import Ordered, Shipped
from generated.workers import shipper


@shipper.handler
async def ship(event: Ordered) -> Shipped:
    await asyncio.sleep(random.uniform(0, 0.004))
    if random.random() < 0.02:
        raise OSError("the road is closed")
    return Shipped(number=event.number)
"""
ORDERED = PIPELINE.replace(
    "    emit: one\n", "    emit: one\n    order_by: deed\n    retry: {attempts: 50, delay: 10ms..20ms}\n"
)
EVENTS, KEYS = 600, 7


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Project]:
    project = Project(tmp_path, HANDLER, ORDERED)
    ordered = json.loads((tmp_path / "schemas/events/ordered.schema.json").read_text(encoding="utf-8"))
    ordered["required"] = ["number", "deed"]
    project.write("schemas/events/ordered.schema.json", json.dumps(ordered))
    project.generate()
    yield project
    project.end()


async def shipped(streams: JetStreamContext) -> int:
    try:
        return (await streams.stream_info("SHIPPING")).state.messages
    except nats.errors.Error:
        return -1


async def at_least(streams: JetStreamContext, count: int) -> bool:
    return await shipped(streams) >= count


async def test_the_order_of_each_key_survives_retries_kills_and_take_overs(
    shop: Project, server: NatsServer, streams: JetStreamContext, eventually: Eventually
) -> None:
    processes = [shop.run(server.url), shop.run(server.url)]
    await eventually(partial(at_least, streams, 0), within=20)
    for number in range(EVENTS):
        await streams.publish(
            f"order.ordered.{number}", json.dumps({"number": number, "deed": f"key {number % KEYS}"}).encode()
        )
    for share, victim, how in ((100, 0, signal.SIGKILL), (250, 1, signal.SIGKILL), (400, 0, signal.SIGTERM)):
        await eventually(partial(at_least, streams, share), within=60)
        processes[victim].send_signal(how)
        processes[victim].wait(20)
        processes[victim] = shop.run(server.url)
    await eventually(partial(at_least, streams, EVENTS), within=120)
    for process in processes:
        process.send_signal(signal.SIGTERM)
    # One that was just started may not have come as far as to handle signals.
    assert {process.wait(20) for process in processes} <= {0, -signal.SIGTERM}
    by_key: defaultdict[int, list[int]] = defaultdict(list)
    for sequence in range(1, EVENTS + 1):
        number = json.loads((await streams.get_msg("SHIPPING", sequence)).data or b"")["number"]
        by_key[number % KEYS].append(number)
    assert dict(by_key) == {key: list(range(key, EVENTS, KEYS)) for key in range(KEYS)}
