"""Order per key over processes that share the partitions: each key's outputs stand in the order of its inputs, whoever comes and goes."""

from __future__ import annotations

import json
import signal
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any  # JSON

import nats
import pytest
from nats.js import JetStreamContext

from tests.conftest import Eventually
from tests.integration.projects import Project, schema
from tests.servers import NatsServer

HANDLER = """\
import asyncio
import os
import random

from generated.events import Ordered, Shipped
from generated.workers import shipper

LONGEST = 0.004


@shipper.handler
async def ship(event: Ordered) -> Shipped:
    await asyncio.sleep(random.uniform(0, LONGEST))
    if random.random() < 0.02:
        raise OSError("the road is closed")
    return Shipped(number=event.number, process=os.getpid())
"""
PIPELINE = """\
pipeline: shop
streams:
  ORDERS: {subjects: ["order.>"], max_age: 30d}
  SHIPPING: {subjects: ["shipping.>"], max_age: 30d}
subjects:
  order.ordered.{key}: events/ordered.schema.json
  shipping.shipped.{number}: events/shipped.schema.json
defaults: {ack_wait: 2s, timeout: 3s}
workers:
  shipper:
    source: order.ordered.*
    sink: shipping.shipped.{number}
    emit: one
    order_by: key
    retry: {attempts: 50, delay: 10ms..20ms}
"""
KEYS = 7


def project(folder: Path, partitions: int | None = 4, *, longest: float = 0.004) -> Project:
    """A shop whose worker is ordered by key, over so many partitions. longest: seconds that its handler takes."""
    shop = Project(
        folder,
        HANDLER.replace("0.004", str(longest)),
        PIPELINE + (f"    partitions: {partitions}\n" if partitions else ""),
    )
    ordered = json.loads(schema("Ordered", {"number": {"type": "integer"}, "key": {"type": "integer"}}))
    shop.write("schemas/events/ordered.schema.json", json.dumps({**ordered, "required": ["number", "key"]}))
    shipped = json.loads(schema("Shipped", {"number": {"type": "integer"}, "process": {"type": "integer"}}))
    shop.write("schemas/events/shipped.schema.json", json.dumps({**shipped, "required": ["number", "process"]}))
    shop.generate()
    return shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Project]:
    made = project(tmp_path)
    yield made
    made.end()


async def at_least(streams: JetStreamContext, count: int) -> bool:
    with suppress(nats.errors.Error):
        return (await streams.stream_info("SHIPPING")).state.messages >= count
    return False


async def order(streams: JetStreamContext, numbers: range) -> None:
    for number in numbers:
        await streams.publish(
            f"order.ordered.{number % KEYS}", json.dumps({"number": number, "key": number % KEYS}).encode()
        )


async def check(streams: JetStreamContext, count: int) -> dict[int, int]:
    """Each key's outputs stand in the order of its inputs, each once. Returns how many each process handled."""
    by_key, by_process = defaultdict[int, list[int]](list), defaultdict[int, int](int)
    for sequence in range(1, (await streams.stream_info("SHIPPING")).state.messages + 1):
        found = json.loads((await streams.get_msg("SHIPPING", sequence)).data or b"")
        by_key[found["number"] % KEYS].append(found["number"])
        by_process[found["process"]] += 1
    assert dict(by_key) == {key: list(range(key, count, KEYS)) for key in range(KEYS)}
    return dict(by_process)


async def test_processes_share_the_partitions_and_the_order_of_each_key_stays(
    shop: Project, server: NatsServer, streams: JetStreamContext, eventually: Eventually
) -> None:
    """The second one takes its share as soon as the first has seen it."""
    processes = {shop.run(server.url).pid, shop.run(server.url).pid}
    await eventually(partial(at_least, streams, 0), within=20)
    count, shares = 0, dict[int, int]()
    while shares.keys() != processes:
        assert count < 6_000, f"shares {shares}"
        await order(streams, range(count, count := count + 200))
        await eventually(partial(at_least, streams, count), within=60)
        shares = await check(streams, count)


async def test_the_order_of_each_key_survives_retries_kills_and_take_overs_of_partitions(
    shop: Project, server: NatsServer, streams: JetStreamContext, eventually: Eventually
) -> None:
    processes = [shop.run(server.url) for _ in range(3)]
    await eventually(partial(at_least, streams, 0), within=20)
    await order(streams, range(2000))
    for share in range(9):
        victim, how = share % 3, signal.SIGTERM if share == 4 else signal.SIGKILL
        await eventually(partial(at_least, streams, 100 + 200 * share), within=60)
        processes[victim].send_signal(how)
        processes[victim].wait(20)
        processes[victim] = shop.run(server.url)
    await eventually(partial(at_least, streams, 2000), within=120)
    for process in processes:
        process.send_signal(signal.SIGTERM)
    # One that was just started may not have come as far as to handle signals.
    assert {process.wait(20) for process in processes} <= {0, -signal.SIGTERM}
    await check(streams, 2000)


async def state(streams: JetStreamContext) -> dict[str, Any]:
    """What the copy's metadata say; nothing where there is no copy."""
    try:
        found = await streams.stream_info("SHOP_SHIPPER_PARTITIONS")
    except nats.errors.Error:
        return {}
    return dict(json.loads((found.config.metadata or {})["streamworker.copy"]))


async def is_split(streams: JetStreamContext, count: int) -> bool:
    """Whether the copy is split into so many, or is going to be."""
    found = await state(streams)
    return bool(found) and (found["following"] or found["split"])["count"] == count


@pytest.mark.parametrize(("before", "after"), [(4, 6), (None, 4)])
async def test_partitions_that_change_under_a_backlog_lose_and_double_nothing_and_the_order_stays(
    tmp_path: Path,
    server: NatsServer,
    streams: JetStreamContext,
    eventually: Eventually,
    before: int | None,
    after: int,
) -> None:
    """A replica of the version before works on, beside one of the next, and is stopped later."""
    old, new = project(tmp_path / "old", before, longest=0.1), project(tmp_path / "new", after, longest=0.1)
    try:
        first = old.run(server.url)
        await eventually(partial(at_least, streams, 0), within=20)
        await order(streams, range(3000))
        await eventually(partial(at_least, streams, 200), within=30)
        second = new.run(server.url)
        await eventually(partial(is_split, streams, after), within=30)
        await order(streams, range(3000, 3600))
        first.send_signal(signal.SIGTERM)
        assert first.wait(20) == 0
        await eventually(partial(at_least, streams, 3600), within=60)
        second.send_signal(signal.SIGTERM)
        assert second.wait(20) == 0
        await check(streams, 3600)
        assert (await state(streams))["following"] is None
    finally:
        old.end()
        new.end()


async def test_who_takes_partitions_away_is_told_where_the_events_are(
    tmp_path: Path, server: NatsServer, streams: JetStreamContext, eventually: Eventually
) -> None:
    old, new = project(tmp_path / "old", 4), project(tmp_path / "new", None)
    try:
        running = old.run(server.url)
        await eventually(partial(is_split, streams, 4), within=20)
        running.send_signal(signal.SIGTERM)
        assert running.wait(20) == 0
        refused = new.streamworker("run", NATS_URL=server.url)
        assert refused.returncode == 1
        assert "SHOP_SHIPPER_PARTITIONS" in refused.stderr + refused.stdout
        assert "write `partitions: 1`" in refused.stderr + refused.stdout
    finally:
        old.end()
        new.end()


async def test_until_idle_ends_when_all_that_was_stored_is_copied_and_handled(
    shop: Project, server: NatsServer, streams: JetStreamContext
) -> None:
    await streams.add_stream(name="OTHER", subjects=["other"])
    provisioned = shop.streamworker("provision", NATS_URL=server.url)
    assert provisioned.returncode == 0, provisioned.stderr
    assert "ready: partitioned copy SHOP_SHIPPER_PARTITIONS" in provisioned.stdout
    await order(streams, range(300))
    done = shop.streamworker("run", "--until-idle", NATS_URL=server.url)
    assert done.returncode == 0, done.stdout + done.stderr
    await check(streams, 300)


async def test_check_live_tells_what_is_missing_and_what_would_be_split_anew(
    tmp_path: Path, server: NatsServer, streams: JetStreamContext
) -> None:
    old, new = project(tmp_path / "old", 2), project(tmp_path / "new", 3)
    before = old.streamworker("check", "--live", NATS_URL=server.url)
    assert "its partitioned copy SHOP_SHIPPER_PARTITIONS is not there; run makes it" in before.stdout + before.stderr
    assert old.streamworker("provision", NATS_URL=server.url).returncode == 0
    stands = old.streamworker("check", "--live", NATS_URL=server.url)
    assert "SHOP_SHIPPER_PARTITIONS" not in stands.stdout + stands.stderr
    changed = new.streamworker("check", "--live", NATS_URL=server.url)
    assert "it is split into 2 and wanted in 3 partitions; run changes it" in changed.stdout + changed.stderr
    assert (await state(streams))["following"] is None, "nothing is changed by looking"
    assert new.streamworker("provision", NATS_URL=server.url).returncode == 0
    assert (await state(streams))["split"]["count"] == 3, "nothing waits in it"
