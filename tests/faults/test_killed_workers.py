"""Faults 1 to 3: workers that die at any moment."""

from __future__ import annotations

import asyncio
import signal
from functools import partial

import pytest

from tests.conftest import StartNatsServer
from tests.faults import books
from tests.faults.conftest import MakeProject
from tests.faults.load import events
from tests.faults.proxy import Direction, Frame, Proxy
from tests.faults.scene import Scene, scene_of


async def kill_often(scene: Scene, kills: int, *, within: float) -> None:
    """Kill a worker `kills` times, each some random time after it has stored something."""
    async with asyncio.timeout(within):
        for _ in range(kills):
            await scene.stored(await books.count(scene.client, "SHIPPING") + 1, within=60)
            await asyncio.sleep(scene.chance.uniform(0.0, 0.25))
            for pid in scene.fleet.pids[:1]:
                scene.fleet.signal(signal.SIGKILL, pid)
                await scene.until(partial(scene.is_gone, pid), "it is dead")


async def test_ten_kills_lose_nothing_and_double_nothing(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int
) -> None:
    load = events(seed, 8_000)
    async with scene_of(make(), start_nats_server().url, seed) as scene:
        publishing = asyncio.create_task(scene.publish(load, per_second=800))
        await kill_often(scene, 10, within=120)
        await publishing
        await scene.exact(load)
        assert scene.fleet.exits[-signal.SIGKILL] == 10


@pytest.mark.faults
async def test_two_hundred_kills_lose_nothing_and_double_nothing(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int
) -> None:
    """In a window of the usual length: what a killed process was at is the first that the next one takes up."""
    load = events(seed, 100_000)
    async with scene_of(make(outage="5m"), start_nats_server().url, seed) as scene:
        publishing = asyncio.create_task(scene.publish(load, per_second=250))
        await kill_often(scene, 200, within=1200)
        await publishing
        await scene.exact(load, within=300)
        assert scene.fleet.exits[-signal.SIGKILL] == 200


async def test_a_process_that_ends_between_publish_ack_and_ack_leaves_one_output(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int
) -> None:
    load = events(seed, 300, {50: "exit-before-ack", 200: "exit-before-ack"})
    async with scene_of(make(), start_nats_server().url, seed) as scene:
        await scene.publish(load)
        await scene.exact(load)
        assert scene.fleet.exits[3] == 2


async def test_a_process_that_ends_between_two_outputs_leaves_the_full_set(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int
) -> None:
    """Behind the first of three outputs only acks get through, and the process is killed: the first stands, the others are completed."""
    server = start_nats_server()
    load = [event for event in events(seed, 400, parts=3) if event.parts == 3]
    broken: list[Frame] = []

    def cut_behind_the_first(direction: Direction, frame: Frame) -> float:
        if broken and direction == "up" and not frame.subject.startswith("$JS.ACK."):
            return float("inf")
        if (
            direction == "up"
            and frame.subject.startswith("shipping.")
            and b'"part":0' in frame.whole.replace(b" ", b"")
        ):
            broken.append(frame)
        return 0.0

    async with Proxy(server.url) as proxy, scene_of(make(), server.url, seed, through=proxy.url) as scene:
        proxy.hold = cut_behind_the_first
        await scene.publish(load)
        await scene.stored(1)
        await asyncio.sleep(0.5)  # for an ack that must not come
        for pid in scene.fleet.pids:
            scene.fleet.signal(signal.SIGKILL, pid)
        await scene.until(lambda: scene.fleet.exits[-signal.SIGKILL] == 1, "it is dead")
        assert await books.count(scene.client, "SHIPPING") == 1
        proxy.heal()
        await scene.exact(load)
