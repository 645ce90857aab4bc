"""Faults 4 to 6: a server that dies or stands still, and a worker that stands still for so long that another has its events."""

from __future__ import annotations

import asyncio
import signal
from math import inf

import pytest

from tests.conftest import StartNatsServer
from tests.faults import books
from tests.faults.conftest import MakeProject
from tests.faults.load import events
from tests.faults.proxy import Direction, Frame, Proxy
from tests.faults.scene import Scene, scene_of
from tests.servers import NatsServer


async def kill_server_often(scene: Scene, server: NatsServer, kills: int) -> None:
    for _ in range(kills):
        await scene.stored(await books.count(scene.client, "SHIPPING") + 1, within=60)
        await asyncio.sleep(scene.chance.uniform(0.0, 0.5))
        scene.timeline.note("SIGKILL to the server")
        server.restart(kill=True)


@pytest.mark.parametrize(("kills", "count"), [(2, 2_000), pytest.param(20, 20_000, marks=pytest.mark.faults)])
async def test_a_server_that_dies_under_load_costs_nothing(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int, kills: int, count: int
) -> None:
    server, load = start_nats_server(), events(seed, count)
    async with scene_of(make(), server.url, seed) as scene:
        publishing = asyncio.create_task(scene.publish(load, per_second=400))
        await kill_server_often(scene, server, kills)
        await publishing
        await scene.exact(load)
        assert not scene.fleet.exits, "the worker outlives its server"


@pytest.mark.faults
async def test_a_server_that_dies_between_publish_ack_and_ack_stores_each_output_once(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int
) -> None:
    """No ack gets through; once all outputs are confirmed, the server dies."""
    server, load = start_nats_server(), events(seed, 500)

    def without_acks(direction: Direction, frame: Frame) -> float:
        return inf if direction == "up" and frame.subject.startswith("$JS.ACK.") else 0.0

    async with Proxy(server.url) as proxy, scene_of(make(), server.url, seed, through=proxy.url) as scene:
        proxy.hold = without_acks
        await scene.publish(load)
        await scene.stored(sum(event.parts for event in load))
        server.restart(kill=True)
        proxy.heal()
        await scene.exact(load)
        assert max(scene.starts().values()) > 1, "nothing came again: then this proves nothing"


@pytest.mark.faults
async def test_a_server_that_stands_still_is_noticed_within_thirty_seconds(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int
) -> None:
    server, load = start_nats_server(), events(seed, 2_000)
    async with scene_of(make(), server.url, seed) as scene:
        publishing = asyncio.create_task(scene.publish(load, per_second=400))
        await scene.stored(300)
        scene.timeline.note("SIGSTOP to the server")
        server.pause()
        try:
            await scene.until(lambda: "connection" in scene.fleet.log.lower(), "it is noticed", within=30)
        finally:
            server.resume()
        await publishing
        await scene.exact(load)
        assert not scene.fleet.exits


async def test_the_outputs_of_a_worker_that_stood_still_past_ack_wait_are_recognised(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int
) -> None:
    """Of two workers one is stopped with its hands full; the other does its work; then the zombie goes on."""
    slow = dict.fromkeys(range(0, 600, 3), "sleep:0.5")
    load = events(seed, 600, slow)
    async with scene_of(make(), start_nats_server().url, seed, size=2) as scene:
        await scene.until(lambda: len(scene.fleet.pids) == 2, "two workers")
        publishing = asyncio.create_task(scene.publish(load, per_second=300))
        await scene.stored(150)
        zombie = scene.chance.choice(scene.fleet.pids)
        scene.fleet.signal(signal.SIGSTOP, zombie)
        await publishing
        await scene.until(lambda: max(scene.starts().values()) > 1, "another has what it held", within=20)
        await asyncio.sleep(1)
        scene.fleet.signal(signal.SIGCONT, zombie)
        await scene.exact(load)
