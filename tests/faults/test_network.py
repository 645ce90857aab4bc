"""Faults 9 to 12: the way to the server is cut, loses one direction, acks or answers, or is late."""

from __future__ import annotations

import asyncio
import random
from math import inf

import pytest

from tests.conftest import StartNatsServer
from tests.faults.conftest import MakeProject
from tests.faults.load import events
from tests.faults.proxy import Direction, Frame, Proxy
from tests.faults.scene import scene_of


def is_publish_ack(direction: Direction, frame: Frame) -> bool:
    return direction == "down" and b'"stream":"SHIPPING"' in frame.whole


def is_ack(direction: Direction, frame: Frame) -> bool:
    return direction == "up" and frame.subject.startswith("$JS.ACK.")


async def test_a_connection_that_is_cut_at_any_byte_costs_nothing(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int
) -> None:
    server, load = start_nats_server(), events(seed, 3_000)
    async with Proxy(server.url, seed) as proxy, scene_of(make(), server.url, seed, through=proxy.url) as scene:
        proxy.lives = (5_000, 400_000)
        proxy.cut()
        await scene.publish(load, per_second=500)
        await scene.until(lambda: proxy.cuts >= 10, "ten cuts")
        proxy.lives = None
        await scene.exact(load)
        assert not scene.fleet.exits


@pytest.mark.faults
@pytest.mark.parametrize("lost", ["up", "down"])
async def test_what_is_swallowed_in_one_direction_is_published_again_with_its_id(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int, lost: Direction
) -> None:
    server, load = start_nats_server(), events(seed, 3_000)
    async with Proxy(server.url, seed) as proxy, scene_of(make(), server.url, seed, through=proxy.url) as scene:
        publishing = asyncio.create_task(scene.publish(load, per_second=400))
        for _ in range(3):
            await asyncio.sleep(scene.chance.uniform(0.5, 1.0))
            proxy.swallowed = frozenset({lost})
            await asyncio.sleep(1.5)
            proxy.heal()
        await publishing
        await scene.exact(load)


@pytest.mark.faults
async def test_an_output_whose_publish_ack_is_lost_is_stored_once(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int
) -> None:
    """The connection itself is well: the publisher's own deadline sends again."""
    server, load, chance = start_nats_server(), events(seed, 1_000), random.Random(seed)
    async with Proxy(server.url) as proxy, scene_of(make(), server.url, seed, through=proxy.url) as scene:
        proxy.hold = lambda direction, frame: inf if is_publish_ack(direction, frame) and chance.random() < 0.3 else 0.0
        await scene.publish(load)
        await scene.exact(load)
        assert "no word from the server" in scene.fleet.log


@pytest.mark.faults
async def test_an_event_whose_ack_is_lost_comes_again_and_its_output_is_recognised(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int
) -> None:
    server, load, chance = start_nats_server(), events(seed, 1_000), random.Random(seed)
    async with Proxy(server.url) as proxy, scene_of(make(), server.url, seed, through=proxy.url) as scene:
        proxy.hold = lambda direction, frame: inf if is_ack(direction, frame) and chance.random() < 0.3 else 0.0
        await scene.publish(load)
        await scene.exact(load)
        assert sum(times > 1 for times in scene.starts().values()) > 100


@pytest.mark.faults
async def test_pongs_that_come_too_late_stop_nothing(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int
) -> None:
    """Six seconds late, where a flush waits for five."""
    server, load = start_nats_server(), events(seed, 3_000)
    async with Proxy(server.url) as proxy, scene_of(make(), server.url, seed, through=proxy.url) as scene:
        proxy.hold = lambda direction, frame: 6.0 if direction == "down" and frame.verb == "PONG" else 0.0
        await scene.publish(load, per_second=200)
        await scene.exact(load)


@pytest.mark.faults
async def test_a_way_that_is_slow_or_stands_still_for_a_while_costs_nothing(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int
) -> None:
    server, load = start_nats_server(), events(seed, 3_000)
    async with Proxy(server.url) as proxy, scene_of(make(), server.url, seed, through=proxy.url) as scene:
        proxy.delay = 0.1
        publishing = asyncio.create_task(scene.publish(load, per_second=300))
        await asyncio.sleep(3)
        proxy.stall()
        await asyncio.sleep(5)
        proxy.flow()
        await publishing
        await scene.exact(load)
        assert not scene.fleet.exits


@pytest.mark.faults
async def test_a_server_that_does_not_answer_when_a_worker_starts_is_waited_for(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int
) -> None:
    """It says what it waits for, and its process does not end."""
    server, load = start_nats_server(), events(seed, 300)
    lost: list[Frame] = []

    def lose_one(_direction: Direction, frame: Frame) -> float:
        if frame.subject != "$JS.API.STREAM.INFO.SHIPPING" or lost:
            return 0.0
        lost.append(frame)
        return inf

    async with Proxy(server.url, seed) as proxy:
        proxy.hold = lose_one
        async with scene_of(make(), server.url, seed, through=proxy.url) as scene:
            await scene.publish(load)
            await scene.exact(load)
            assert "the server does not say what it has" in scene.fleet.log
            assert not scene.fleet.exits
