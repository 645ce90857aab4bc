"""Order per key over replicas that share partitions, while they crash, stop, stand still and take over from each other."""

from __future__ import annotations

import asyncio
import signal
import time

import pytest

from tests.conftest import StartNatsServer
from tests.faults.conftest import MakeProject
from tests.faults.load import events
from tests.faults.scene import Scene, scene_of

pytestmark = pytest.mark.faults

EVENTS = 6_000
HARMS = (signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL, signal.SIGTERM, signal.SIGKILL)
SHARED = "\n    order_by: customer\n    partitions: 8"


async def test_the_order_of_each_key_survives_crashes_retries_and_take_overs_of_three_replicas(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int
) -> None:
    """Some events fail once, some end their process once; and every few seconds one of the three is killed, stopped or stands still."""
    deeds = dict.fromkeys(range(50, EVENTS, 97), "fail-once") | dict.fromkeys(range(800, EVENTS, 1700), "exit-once")
    load = events(seed, EVENTS, deeds)
    async with scene_of(make(worker=SHARED), start_nats_server().url, seed, size=3) as scene:
        publishing = asyncio.create_task(scene.publish(load, per_second=80))
        await scene.stored(150, within=60)
        for how in HARMS:
            await harm(scene, how)
            await asyncio.sleep(3)
        await publishing
        await scene.settled(within=120)
        await scene.in_order()
        await calm(scene)
        await scene.exact(load)


async def harm(scene: Scene, how: signal.Signals) -> None:
    """One that stands still does so for longer than its deliveries are waited for, and than its pins last."""
    victim = scene.chance.choice(scene.fleet.pids)
    scene.fleet.signal(how, victim)
    if how == signal.SIGSTOP:
        await asyncio.sleep(20)
        scene.fleet.signal(signal.SIGCONT, victim)


async def calm(scene: Scene) -> None:
    """Return when no process has ended for a while: one that was just started does not stop in order yet."""
    pids, since = scene.fleet.pids, time.monotonic()
    while time.monotonic() < since + 5:
        await asyncio.sleep(0.1)
        if scene.fleet.pids != pids:
            pids, since = scene.fleet.pids, time.monotonic()
