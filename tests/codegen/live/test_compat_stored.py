"""`compat --stored N`: what a real stream holds, by the contract as it is now."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nats.aio.client import Client
from streamworker_codegen.compat.compare import compare
from streamworker_codegen.problems import Problem
from streamworker_codegen.project import Project

from tests.codegen.live.warehouse import put_event, write_schemas
from tests.servers import NatsServer

STREAMWORKER = (sys.executable, "-P", "-m", "streamworker.cli")
NOTE = {"type": "string", "maxLength": 5}


@pytest.fixture
async def stored(
    tmp_path: Path, prefix: str, nats_server: NatsServer, nats_client: Client, monkeypatch: pytest.MonkeyPatch
) -> Project:
    """A project, and `old` beside it, with ten messages of one subject in its stream and one of another."""
    monkeypatch.setenv("NATS_URL", nats_server.url)
    project = write_schemas(tmp_path / "new", prefix)
    shutil.copytree(project.root, tmp_path / "old")
    js = nats_client.jetstream()
    await js.add_stream(name=f"{prefix}_ORDERS", subjects=[f"{prefix}.orders.>"])
    for number in range(10):
        await js.publish(
            f"{prefix}.orders.placed.{number}",
            json.dumps({"id": str(number), "note": "s3cret" * (number % 2)}).encode(),
        )
    await js.publish(f"{prefix}.orders.paid.1", b"no JSON")
    return project


def refused(found: tuple[Problem, ...]) -> list[Problem]:
    return [each for each in found if each.code == "stored-refused"]


async def test_messages_that_the_new_contract_refuses_are_named_by_sequence_and_place(
    stored: Project, prefix: str
) -> None:
    put_event(stored.root, "placed", note=NOTE)
    found = refused(compare(stored, str(stored.root.parent / "old"), tries=20, stored=4))
    assert [(each.what, each.evidence) for each in found] == [
        (
            f"message {sequence} of {prefix}_ORDERS, on {prefix}.orders.placed.{sequence - 1}, is no Placed by this contract",
            ("at /note: characters: at most 5",),
        )
        for sequence in (8, 10)
    ]
    assert found[0].where.file == "schemas/events/placed.schema.json"
    assert found[0].mend.endswith(f"nats stream rmm {prefix}_ORDERS 8")


async def test_only_subjects_whose_contract_changed_are_read(stored: Project, prefix: str) -> None:
    put_event(stored.root, "placed", note={"type": "string"})
    found = compare(stored, str(stored.root.parent / "old"), tries=20, stored=100)
    assert [each.what for each in found if each.code == "stored-read"] == [
        f"of the last 10 messages on {prefix}.orders.placed.{{id}} in {prefix}_ORDERS, 0 are refused"
    ]


async def test_with_nothing_to_compare_with_all_subjects_are_read(stored: Project, prefix: str) -> None:
    put_event(stored.root, "placed", note={"type": "string"})
    [found] = refused(compare(stored, stored=3))
    assert found.what.startswith(f"message 11 of {prefix}_ORDERS, on {prefix}.orders.paid.1, is no Paid")
    assert found.evidence[0].startswith("at (the whole event): JSON: ")


async def test_a_stream_that_is_not_there_holds_nothing(stored: Project, prefix: str, nats_client: Client) -> None:
    await nats_client.jetstream().delete_stream(f"{prefix}_ORDERS")
    assert {each.what for each in compare(stored, stored=3)} == {
        f"no message is stored on {prefix}.orders.{kind}.{{id}}" for kind in ("placed", "paid")
    }


async def test_reading_takes_nothing_from_anybody_and_leaves_nothing_behind(
    stored: Project, prefix: str, nats_client: Client
) -> None:
    compare(stored, stored=3)
    js = nats_client.jetstream()
    assert (await js.stream_info(f"{prefix}_ORDERS")).state.messages == 11
    assert await js.consumers_info(f"{prefix}_ORDERS") == []


def test_the_command_ends_with_one_where_a_message_is_refused_and_never_shows_it(stored: Project) -> None:
    put_event(stored.root, "placed", note=NOTE)
    command = [*STREAMWORKER, "compat", "--stored", "5", "--project", str(stored.root)]
    run = subprocess.run(command, check=False, capture_output=True, text=True)
    assert run.returncode == 1
    assert "[stored-refused]" in run.stderr
    assert "at /note: characters: at most 5" in run.stderr
    assert "s3cret" not in run.stdout + run.stderr


async def test_of_many_refused_messages_the_last_are_shown(stored: Project, prefix: str, nats_client: Client) -> None:
    for _ in range(25):
        await nats_client.jetstream().publish(f"{prefix}.orders.paid.1", b"{}")
    found = compare(stored, stored=26)
    assert len([each for each in refused(found) if ".paid." in each.what]) == 20
    assert (
        f"of the last 26 messages on {prefix}.orders.paid.{{id}} in {prefix}_ORDERS, 26 are refused; the last 20 are shown"
        in [each.what for each in found]
    )
