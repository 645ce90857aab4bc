"""Faults 7 and 8: a cluster of three that loses its leaders, and its quorum."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable

import pytest
from nats.errors import Error as NatsError

from tests.faults import books
from tests.faults.conftest import MakeProject
from tests.faults.load import events
from tests.faults.scene import Scene, scene_of
from tests.servers import NatsCluster

_KILLS = 20
SHARED = "\n    order_by: customer\n    partitions: 4"
pytestmark = pytest.mark.faults


async def leader_of(scene: Scene, stream: str) -> str:
    try:
        answer = json.loads((await scene.client.request(f"$JS.API.STREAM.INFO.{stream}", timeout=2)).data)
    except (NatsError, OSError, TimeoutError):
        return ""
    return str(answer.get("cluster", {}).get("leader") or "")


async def kill_leader(scene: Scene, cluster: NatsCluster, stream: str, *, within: float = 30.0) -> float:
    """Kill the server that leads a stream; seconds until an output is stored again. It comes back then."""
    while not (leader := await leader_of(scene, stream)):  # noqa: ASYNC110 - a server is polled, there is no event
        await asyncio.sleep(0.1)
    scene.timeline.note(f"SIGKILL to {leader}, the leader of {stream}")
    before, since = await books.count(scene.client, "SHIPPING"), time.monotonic()
    cluster.named(leader).kill()
    await scene.stored(before + 1, within=within)
    resumed = time.monotonic() - since
    cluster.named(leader).start()
    return resumed


async def test_a_cluster_that_loses_its_leaders_goes_on_and_costs_nothing(
    make: MakeProject, nats_cluster: NatsCluster, seed: int
) -> None:
    load, stop, pauses = events(seed, _KILLS * 5_000), asyncio.Event(), []
    async with scene_of(make(replicas=3), nats_cluster.url, seed) as scene:
        publishing = asyncio.create_task(scene.publish(load, per_second=150, stop=stop))
        await scene.stored(100)
        for _ in range(_KILLS):
            pauses.append(await kill_leader(scene, nats_cluster, scene.chance.choice(["ORDERS", "SHIPPING"])))
            await scene.until(lambda: _whole(scene), "all replicas are current", within=40)
        stop.set()
        await scene.exact(await publishing, within=120)
        print(f"resumed after {min(pauses):.1f} to {max(pauses):.1f} s")


async def test_partitions_keep_the_order_of_each_key_where_a_cluster_loses_its_leaders(
    make: MakeProject, nats_cluster: NatsCluster, seed: int
) -> None:
    """That of the source, of its copy in partitions, and of the sink; with two processes that share the partitions. The outputs of one event
    may change places: of two that are under way, the server may refuse the first alone."""
    load, stop, streams = events(seed, 20_000), asyncio.Event(), ["ORDERS", books.COPY, "SHIPPING"]
    async with scene_of(make(worker=SHARED, replicas=3), nats_cluster.url, seed, size=2) as scene:
        publishing = asyncio.create_task(scene.publish(load, per_second=100, stop=stop))
        await scene.stored(100, within=60)
        for stream in scene.chance.sample(streams * 2, 2 * len(streams)):
            await kill_leader(scene, nats_cluster, stream, within=60)  # the copy's source is looked after every 10 s
            await scene.until(lambda: _whole(scene, streams), "all replicas are current", within=60)
        stop.set()
        published = await publishing
        await scene.settled(within=120)
        await scene.in_order(parts=False)
        await scene.exact(published, within=120)


async def test_without_a_quorum_nothing_is_settled_and_after_it_all_is(
    make: MakeProject, nats_cluster: NatsCluster, seed: int
) -> None:
    load = events(seed, 3_000)
    async with scene_of(make(replicas=3), nats_cluster.url, seed) as scene:
        publishing = asyncio.create_task(scene.publish(load, per_second=300))
        await scene.stored(300)
        leader = int((await leader_of(scene, "SHIPPING")).removeprefix("n"))
        followers = [server for number, server in enumerate(nats_cluster.servers) if number != leader]
        scene.timeline.note("SIGKILL to two of three servers")
        for server in followers:
            server.kill()
        await scene.until(lambda: "waiting: " in scene.fleet.log, "the worker says what it waits for", within=30)
        for server in followers:
            server.start()
        await publishing
        await scene.exact(load, within=120)
        assert not scene.fleet.exits


async def _whole(scene: Scene, streams: Iterable[str] = ("ORDERS", "SHIPPING")) -> bool:
    """Whether all three replicas of the streams are current."""
    for stream in streams:
        try:
            answer = json.loads((await scene.client.request(f"$JS.API.STREAM.INFO.{stream}", timeout=2)).data)
        except (NatsError, OSError, TimeoutError):
            return False
        replicas = answer.get("cluster", {}).get("replicas", [])
        if len(replicas) != 2 or not all(each.get("current") and not each.get("offline") for each in replicas):
            return False
    return True
