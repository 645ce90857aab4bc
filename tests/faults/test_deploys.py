"""Rolling deploys: three replicas, one after the other, from a contract to a newer one, and back."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from tests.conftest import StartNatsServer
from tests.faults import books
from tests.faults.conftest import MakeProject
from tests.faults.load import events, gifts
from tests.faults.project import newer_project
from tests.faults.scene import Scene, scene_of

REPLICAS = 3


async def roll(scene: Scene, folder: Path) -> None:
    """Replace each replica by one of the project in `folder`; the next when that has begun to work."""
    scene.fleet.folder = folder
    older = scene.fleet.pids
    for at, pid in enumerate(older, start=1):
        scene.fleet.signal(signal.SIGTERM, pid)
        await scene.until(partial(_have_begun, scene, older, at), "the next replica works", within=60)


def at_work(folder: Path) -> set[int]:
    """The processes of a project that have handled something: replicas, and the children in which they try suspects."""
    trace = folder / "trace.log"
    return {int(line.split()[1]) for line in trace.read_text().splitlines()} if trace.exists() else set()


def _have_begun(scene: Scene, older: Sequence[int], count: int) -> bool:
    return len(at_work(scene.fleet.folder) & (set(scene.fleet.pids) - set(older))) == count


async def start_all(scene: Scene) -> None:
    def all_work() -> bool:
        return scene.fleet.log.count("streamworker: shipper: idle") >= REPLICAS

    await scene.until(all_work, "all replicas work")


def redrive_all(scene: Scene) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "streamworker.cli", "dlq", "redrive", "--all"],
        cwd=scene.fleet.folder,
        env={**os.environ, "NATS_URL": scene.fleet.url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.faults
async def test_a_rolling_deploy_under_load_has_no_dead_letter_and_loses_and_doubles_nothing(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int, tmp_path: Path
) -> None:
    """Events that only the newer replicas can read come as soon as there is one of them: the older ones give them back."""
    older = make()
    newer = newer_project(older, tmp_path / "newer")
    old, new, rolled = events(seed, 30_000), gifts(seed, range(30_000, 40_000)), asyncio.Event()
    async with scene_of(older, start_nats_server().url, seed, size=REPLICAS) as scene:
        await start_all(scene)
        publishing = [asyncio.create_task(scene.publish(old, per_second=300, stop=rolled))]
        await scene.stored(500)
        rolling = asyncio.create_task(roll(scene, newer))
        await scene.until(lambda: bool(at_work(newer)), "one is newer")
        publishing.append(asyncio.create_task(scene.publish(new, per_second=100, stop=rolled)))
        await rolling
        rolled.set()
        old, new = await asyncio.gather(*publishing)
        await scene.exact([*old, *new])
        assert "given back, since a newer replica may read it" in (older / "workers.log").read_text()


@pytest.mark.faults
async def test_after_a_deploy_back_what_only_the_newer_contract_reads_is_a_dead_letter_and_redriven_when_it_returns(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int, tmp_path: Path
) -> None:
    older = make()
    newer = newer_project(older, tmp_path / "newer")
    old, late, rolled = events(seed, 30_000), gifts(seed, range(30_000, 30_100)), asyncio.Event()
    early = gifts(seed, range(31_000, 31_200))
    async with scene_of(newer, start_nats_server().url, seed, size=REPLICAS) as scene:
        await start_all(scene)
        publishing = asyncio.create_task(scene.publish([*early, *old], per_second=300, stop=rolled))
        await scene.stored(500)
        await roll(scene, older)
        rolled.set()
        published = await publishing
        await scene.publish(late)
        await scene.settled()
        buried = {json.loads(letter.data)["number"] for letter in await books.letters(scene.client)}
        assert {event.number for event in late} <= buried <= {event.number for event in (*early, *late)}
        back = asyncio.Event()
        flowing = asyncio.create_task(scene.publish(events(seed, 50_000)[40_000:], per_second=300, stop=back))
        await roll(scene, newer)
        back.set()
        redrive_all(scene)
        await scene.exact([*published, *late, *await flowing])


@pytest.mark.faults
async def test_an_ordered_worker_leaves_what_only_a_newer_one_reads_to_that_and_the_order_of_each_key_stays(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int, tmp_path: Path
) -> None:
    """The older replica works, the newer one stands by; then come events that only the newer one reads, among others of their keys."""
    older = make(worker="\n    order_by: customer")
    newer = newer_project(older, tmp_path / "newer")
    load = [*events(seed, 1_000), *gifts(seed, range(1_000, 1_100)), *events(seed, 3_000)[2_000:]]
    mixed = [*load[:500], *random.Random(seed).sample(load[500:], len(load) - 500)]
    async with scene_of(older, start_nats_server().url, seed) as scene:
        publishing = asyncio.create_task(scene.publish(mixed[:500], per_second=300))
        await scene.stored(100)
        scene.fleet.folder, scene.fleet.size = newer, 2
        await scene.until(lambda: "shipper: idle" in scene.fleet.log, "the newer one stands by")
        await publishing
        await scene.publish(mixed[500:], per_second=300)
        await scene.exact(mixed)
        await scene.in_order()
        assert "stands down: a newer contract is current" in (older / "workers.log").read_text()
