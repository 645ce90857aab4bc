"""The reference pipeline, with a user for each of its parts: what `streamworker permissions` finds in real handlers is enough."""

from __future__ import annotations

import asyncio
import shutil
import time
from pathlib import Path

import nats
import pytest

from tests.conftest import Eventually, StartNatsServer
from tests.runtime.shop import Running
from tests.security.test_permissions import ADMIN
from tests.security.vault import Vault
from tests.simulator.scenario import Scenario
from tests.simulator.simulator import simulator

ROOT = Path(__file__).parents[2]
PARTS = ("epg-updater", "program-fanout", "schedule-planner", "scheduler", "record-watcher", "ogp-collector", "mirakc")


async def test_each_part_of_the_recorder_works_with_its_own_permissions(
    tmp_path: Path, start_nats_server: StartNatsServer, monkeypatch: pytest.MonkeyPatch, eventually: Eventually
) -> None:
    for name in ("generated", "handlers"):
        shutil.copytree(ROOT / name, tmp_path / name)
    recorder = Vault(tmp_path, {})
    for part in (*PARTS, "provision"):
        monkeypatch.setenv(f"RECORDER_{part.upper().replace('-', '_')}_PASSWORD", '"may"')
    block = await recorder.done("permissions", *PARTS, "provision")
    server = start_nats_server(config=block.replace("users: [", f"users: [ {ADMIN}", 1))
    recorder.variables = {"NATS_URL": server.url, "NATS_PASSWORD": "may"}
    provision = {"NATS_USER": "recorder_provision", "NATS_INBOX_PREFIX": "_INBOX.recorder_provision"}
    await recorder.done("provision", **provision)

    now = int(time.time() * 1000)
    busy = Scenario(start=now, speed=600, services=6, programs=600, nameless=50, pages=0.2, recordings=300)
    admin = await nats.connect(server.url, user="admin", password="a")
    running: list[Running] = []
    try:
        async with simulator(busy) as world:
            living = asyncio.create_task(world.live())
            for part in PARTS:
                user = {"NATS_USER": f"recorder-{part}", "NATS_INBOX_PREFIX": f"_INBOX.recorder-{part}"}
                running.append(recorder.start("run", part, MIRAKC_URL=world.url, **user))

            async def has_worked() -> bool:
                """Guide, pages and bookings are there: each bucket and the object store were used."""
                js = admin.jetstream()
                counts = [
                    (await js.stream_info(stream)).state.messages for stream in ("RECORDING", "OBJ_ogp", "KV_records")
                ]
                return all(counts)

            await eventually(has_worked, within=120, every=0.2)
            living.cancel()
    finally:
        for each in running:
            each.kill()
        await admin.close()
    assert [line for line in server.log.read_text().splitlines() if "Violation" in line] == []
