"""What `streamworker permissions` prints suffices for workers that share partitions, whoever makes the copy."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import nats
import pytest

from tests.conftest import Eventually, StartNatsServer
from tests.integration.projects import Project
from tests.integration.test_partitions import at_least, check, order, project

USERS = ("shop-shipper", "shop_dlq", "shop_dlq-read", "shop_provision")
ADMIN = '{ user: admin, password: "a" }'


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    for user in USERS:  # where the server reads the passwords
        monkeypatch.setenv(f"{user.upper().replace('-', '_')}_PASSWORD", f'"{user} may"')
    made = project(tmp_path)
    yield made
    made.end()


def as_user(user: str) -> dict[str, str]:
    return {"NATS_USER": user, "NATS_PASSWORD": f"{user} may", "NATS_INBOX_PREFIX": f"_INBOX.{user}"}


@pytest.mark.parametrize("create", [False, True], ids=["made beforehand", "made by who needs it"])
async def test_workers_share_partitions_with_these_permissions_and_break_none(
    shop: Project,
    start_nats_server: StartNatsServer,
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
    create: bool,
) -> None:
    """One is killed meanwhile: its successor looks up what it left."""
    block = shop.streamworker("permissions", *(["--create"] if create else [])).stdout
    server = start_nats_server(config=block.replace("users: [", f"users: [ {ADMIN}", 1))
    if not create:
        made = shop.streamworker("provision", NATS_URL=server.url, **as_user("shop_provision"))
        assert "ready: partitioned copy SHOP_SHIPPER_PARTITIONS" in made.stdout, made.stdout + made.stderr
    for name, value in as_user("shop-shipper").items():
        monkeypatch.setenv(name, value)
    client = await nats.connect(server.url, user="admin", password="a")
    streams = client.jetstream()
    processes = [shop.run(server.url), shop.run(server.url)]
    await eventually(partial(at_least, streams, 0), within=20)
    await order(streams, range(800))
    await eventually(partial(at_least, streams, 200), within=60)
    processes[0].send_signal(signal.SIGKILL)
    processes[0].wait(20)
    processes[0] = shop.run(server.url)
    await eventually(partial(at_least, streams, 800), within=60)
    await check(streams, 800)
    for process in processes:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) in (0, -signal.SIGTERM), "the last one may just have started"
    await client.close()
    assert [line for line in server.log.read_text().splitlines() if "Violation" in line] == []


def test_a_worker_with_partitions_can_neither_make_nor_empty_its_copy(shop: Project) -> None:
    block = shop.streamworker("permissions", "shipper", "--json").stdout
    allowed = json.dumps(json.loads(block))
    for request in ("STREAM.CREATE", "STREAM.UPDATE", "STREAM.PURGE", "STREAM.MSG.DELETE", "CONSUMER.CREATE"):
        assert f"$JS.API.{request}.SHOP_SHIPPER_PARTITIONS" not in allowed
    assert "$JS.API.STREAM.MSG.GET.ORDERS" not in allowed
