"""`check --live`: what stands on a real server, against the pipeline file. Nothing is changed there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from nats.aio.client import Client
from streamworker_codegen.generate import generate
from streamworker_codegen.live.server import server_problems
from streamworker_codegen.problems import Problem
from streamworker_codegen.project import Project

from tests.codegen.live.warehouse import PIPELINE, put, write_warehouse
from tests.conftest import StartNatsServer
from tests.servers import NatsServer

STREAMWORKER = (sys.executable, "-P", "-m", "streamworker.cli")


@pytest.fixture
def project(tmp_path: Path, prefix: str, nats_server: NatsServer, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("NATS_URL", nats_server.url)
    return write_warehouse(tmp_path, prefix)


def provision(project: Project) -> None:
    command = [*STREAMWORKER, "provision", "--project", str(project.root)]
    subprocess.run(command, check=True, capture_output=True)


def declare(project: Project, prefix: str, old: str, new: str) -> None:
    """Change the pipeline file, and generate."""
    text = PIPELINE.format(prefix=prefix)
    old, new = old.format(prefix=prefix), new.format(prefix=prefix)
    assert old in text
    put(project.root, "schemas/pipeline.yaml", text.replace(old, new))
    outcome = generate(project, force=True)
    assert not outcome.failed, outcome.problems


def told(found: list[Problem]) -> list[tuple[str, str, int]]:
    return [(each.code, each.severity, each.where.line) for each in found]


def only(code: str, found: list[Problem]) -> Problem:
    [one] = [each for each in found if each.code == code]
    return one


async def test_on_an_empty_server_all_that_run_would_make_is_named_where_it_is_declared(
    project: Project, prefix: str, nats_client: Client
) -> None:
    found = server_problems(project)
    assert {each.code for each in found} == {"live-missing"}
    assert {each.severity for each in found} == {"note"}
    lines = {each.what.partition(":")[0]: each.where.line for each in found}
    assert lines == {
        f"stream {prefix}_ORDERS": 3,
        f"bucket seen_{prefix}": 8,
        "worker biller": 10,
        f"stream {prefix.upper()}_DEAD_LETTERS": 1,
        f"stream {prefix.upper()}_REDRIVES": 1,
        f"bucket {prefix}_attempts": 1,
        f"bucket {prefix}_deploys": 1,
        f"bucket {prefix}_leases": 1,
    }
    streams = await nats_client.jetstream().streams_info()
    assert not [each for each in streams if prefix in str(each.config.name)], "looking makes nothing"


def test_where_all_is_as_declared_there_is_nothing_to_say(project: Project) -> None:
    provision(project)
    assert server_problems(project) == []


async def test_what_run_would_change_is_named_with_both_values(
    project: Project, prefix: str, nats_client: Client
) -> None:
    provision(project)
    declare(project, prefix, "max_age: 7d", "max_age: 30d")
    [found] = server_problems(project)
    assert found.what == (f"stream {prefix}_ORDERS: max_age is 7d on the server and 30d as declared; run changes it")
    assert told([found]) == [("live-update", "note", 3)]
    config = (await nats_client.jetstream().stream_info(f"{prefix}_ORDERS")).config
    assert config.max_age == 7 * 86400, "looking changes nothing"


async def test_what_run_refuses_is_an_error_with_what_to_do(project: Project, prefix: str, nats_client: Client) -> None:
    await nats_client.jetstream().add_stream(name=f"{prefix}_ORDERS", subjects=[f"{prefix}.orders.>"])
    refused = [each for each in server_problems(project) if each.severity == "error"]
    assert told(refused) == [("live-refused", "error", 3)]
    assert "it exists already, and no pipeline made it" in refused[0].what
    assert "owner: external" in refused[0].mend


async def test_messages_that_a_worker_would_never_get_are_an_error(
    project: Project, prefix: str, nats_client: Client
) -> None:
    provision(project)
    for event in ("paid", "placed"):
        await nats_client.jetstream().publish(f"{prefix}.orders.{event}.1", b'{"id": "1"}')
    await take_one(nats_client, prefix)
    declare(
        project,
        prefix,
        "    source: {prefix}.orders.placed.*\n    sink: {prefix}.orders.paid.{{id}}\n",
        "    source: {prefix}.orders.*.*\n",
    )
    found = only("live-skipped", server_problems(project))
    assert told([found]) == [("live-skipped", "error", 10)]
    assert f"takes {prefix}.orders.paid.* now" in found.what


async def test_a_worker_that_ran_once_and_is_gone_is_left_over_with_its_backlog(
    project: Project, prefix: str, nats_client: Client
) -> None:
    provision(project)
    js = nats_client.jetstream()
    await js.publish(f"$KV.{prefix}_deploys.biller", b"its hash")  # as each start of a worker leaves it
    await js.publish(f"{prefix}.orders.placed.1", b'{"id": "1"}')
    (project.handlers / "biller.py").unlink()
    declare(
        project,
        prefix,
        "workers:\n  biller:\n    source: {prefix}.orders.placed.*\n    sink: {prefix}.orders.paid.{{id}}\n",
        "",
    )
    found = only("live-left-over", server_problems(project))
    assert told([found]) == [("live-left-over", "warning", 1)]
    assert (
        f"its consumer {prefix}-biller of stream {prefix}_ORDERS is still there, and 1 message waits for it"
        in found.what
    )
    assert found.mend == f"once nobody needs them: nats consumer rm {prefix}_ORDERS {prefix}-biller"


def test_a_server_that_is_not_there_or_lets_nobody_in_is_told(
    project: Project, start_nats_server: StartNatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded = start_nats_server(config='authorization { user: "u", password: "s3cret" }')
    for url, reason in (("nats://127.0.0.1:1", "no NATS server there"), (guarded.url, "uthoriz")):
        monkeypatch.setenv("NATS_URL", url)
        [found] = server_problems(project)
        assert told([found]) == [("live-failed", "error", 1)]
        assert reason in found.what
    monkeypatch.setenv("NATS_USER", "u")
    monkeypatch.setenv("NATS_PASSWORD", "s3cret")
    assert {each.code for each in server_problems(project)} == {"live-missing"}


def test_check_adds_what_it_finds_to_its_own_and_to_the_exit_code(project: Project) -> None:
    command = [*STREAMWORKER, "check", "--live", "--json", "--project", str(project.root)]
    run = subprocess.run(command, check=False, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "live-missing" in {json.loads(line)["code"] for line in run.stdout.splitlines()}
    environment = {**os.environ, "NATS_URL": "nats://127.0.0.1:1"}
    run = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    assert run.returncode == 1
    assert "live-failed" in {json.loads(line)["code"] for line in run.stdout.splitlines()}


def test_the_user_that_provisions_may_look_as_well(
    project: Project, prefix: str, start_nats_server: StartNatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [*STREAMWORKER, "permissions", "provision", "--project", str(project.root)]
    users = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    user = f"{prefix}_provision"
    assert f'user: "{user}"' in users
    monkeypatch.setenv(f"{user.upper()}_PASSWORD", '"s3cret"')
    server = start_nats_server(config=users[users.index("authorization") :])  # the handlers print as well
    for name, value in (
        ("URL", server.url),
        ("USER", user),
        ("PASSWORD", "s3cret"),
        ("INBOX_PREFIX", f"_INBOX.{user}"),
    ):
        monkeypatch.setenv(f"NATS_{name}", value)
    assert {each.code for each in server_problems(project)} == {"live-missing"}


async def take_one(client: Client, prefix: str) -> None:
    """As the worker would: its consumer moves on."""
    subscription = await client.jetstream().pull_subscribe_bind(f"{prefix}-biller", f"{prefix}_ORDERS")
    [message] = await subscription.fetch(1, timeout=5)
    await message.ack_sync()
