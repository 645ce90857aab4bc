"""Faults 23 to 25: credentials that expire, signals that stop, and fleets that grow and shrink."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from tests.conftest import StartNatsServer
from tests.faults import books
from tests.faults.conftest import MakeProject
from tests.faults.load import events
from tests.faults.scene import Scene, scene_of
from tests.runtime.jetstream.jwt import Realm

pytestmark = pytest.mark.faults


async def test_credentials_that_expire_under_load_are_read_anew(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int, tmp_path: Path
) -> None:
    """Each set lives for six seconds, and the next is there a while after the last has run out."""
    realm, ours, theirs = Realm(), tmp_path / "ours.creds", tmp_path / "theirs.creds"
    server = start_nats_server(config=realm.config)
    realm.write_user(ours, lives=600)
    realm.write_user(theirs, lives=30)
    load = events(seed, 3_000)
    environment = {"NATS_CREDS": str(theirs)}
    async with scene_of(make(), server.url, seed, creds=ours, environment=environment) as scene:
        publishing = asyncio.create_task(scene.publish(load, per_second=100))
        realm.write_user(theirs, lives=6)
        scene.timeline.note("credentials renewed, the server still has the old ones")
        await scene.until(lambda: "does not let us in" in scene.fleet.log, "they expire", within=60)
        realm.write_user(theirs, lives=600)
        await publishing
        await scene.exact(load)
        assert not scene.fleet.exits


async def test_a_stop_under_load_finishes_what_has_started(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int
) -> None:
    """Some of it takes longer than all that a stop does beside."""
    load = events(seed, 4_000, dict.fromkeys(range(0, 4_000, 50), "sleep:3"))
    async with scene_of(make(), start_nats_server().url, seed) as scene:
        publishing = asyncio.create_task(scene.publish(load, per_second=400))
        for stops in range(1, 4):
            await stop_one(scene, signal.SIGTERM)
            assert scene.fleet.exits[0] == stops
        await publishing
        await scene.exact(load)
        assert set(scene.starts().values()) == {1}


async def test_a_second_signal_stops_at_once_and_costs_nothing(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int
) -> None:
    load = events(seed, 1_000, dict.fromkeys(range(200, 210), "sleep:4"))
    async with scene_of(make(), start_nats_server().url, seed) as scene:
        await scene.publish(load)
        await scene.stored(300)
        (pid,) = scene.fleet.pids
        scene.fleet.signal(signal.SIGTERM, pid)
        await scene.until(lambda: "finishing what has started" in scene.fleet.log, "it stops in order")
        scene.fleet.signal(signal.SIGTERM, pid)
        await scene.until(lambda: scene.is_gone(pid), "it stops at once", within=5)
        await scene.until(lambda: bool(scene.fleet.exits), "it is counted")
        assert scene.fleet.exits == {128 + signal.SIGTERM: 1}
        await scene.exact(load)


async def test_a_stop_while_the_server_is_gone_is_bounded_and_costs_nothing(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int
) -> None:
    server, load = start_nats_server(), events(seed, 2_000)
    async with scene_of(make(), server.url, seed) as scene:
        publishing = asyncio.create_task(scene.publish(load, per_second=400))
        await scene.stored(200)
        (pid,) = scene.fleet.pids
        server.kill()
        await asyncio.sleep(1)
        scene.fleet.signal(signal.SIGTERM, pid)
        await scene.until(lambda: scene.is_gone(pid), "it ends, within its grace and some words", within=35)
        server.start()
        await publishing
        await scene.exact(load)


@pytest.mark.parametrize("worker", ["order_by: customer", "order_by: customer\n    partitions: 4"])
async def test_the_order_of_each_key_survives_a_fleet_that_grows_and_shrinks(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int, worker: str
) -> None:
    """One process, then eight, then two; and some are killed meanwhile."""
    load = events(seed, 4_000)
    async with scene_of(make(worker=f"\n    {worker}"), start_nats_server().url, seed) as scene:
        publishing = asyncio.create_task(scene.publish(load, per_second=100))
        for size in (1, 8, 2):
            await scene.stored(await books.count(scene.client, "SHIPPING") + 300, within=60)
            scene.timeline.note(f"{size} processes")
            scene.fleet.size = size
            await asyncio.sleep(5)
            scene.fleet.signal(signal.SIGKILL, scene.chance.choice(scene.fleet.pids))
        await publishing
        await scene.exact(load, within=120)
        await scene.in_order()


async def stop_one(scene: Scene, number: signal.Signals) -> None:
    await scene.stored(await books.count(scene.client, "SHIPPING") + 200)
    (pid,) = scene.fleet.pids
    ended = scene.fleet.exits.total()
    scene.fleet.signal(number, pid)
    await scene.until(lambda: scene.fleet.exits.total() > ended, "it has stopped")
