"""A parcel service, made in an empty folder from the two wheels alone: every shape that a worker can have, on a real server."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client
from nats.js import JetStreamContext

from tests.conftest import Eventually, StartNatsServer
from tests.packaging.wheels import Environment
from tests.servers import NatsServer

PARCELS = Path(__file__).with_name("parcels")
STUBS = ["archivist.py", "invoicer.py", "ledger.py", "pricer.py", "tracker.py"]
PARCEL_IDS = [f"{number:06}" for number in range(1, 22)]
PAYING = [number for number in range(1, 20) if number % 3]  # not prepaid; 20 is nobody's and 21 too heavy
HEAVY = [number for number in PAYING if number % 5 == 0]


@pytest.fixture(scope="module")
def folder(both: Environment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project: schemas, then stubs, then handlers in their place."""
    folder = tmp_path_factory.mktemp("parcels")
    shutil.copytree(PARCELS / "schemas", folder / "schemas")
    done = both.run("streamworker", "generate", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def project(both: Environment, folder: Path) -> Path:
    for handler in STUBS:
        shutil.copy(PARCELS / "handlers" / handler, folder / "handlers")
    shutil.copy(PARCELS / "feed.py", folder)
    done = both.run("streamworker", "generate", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def server(start_nats_server: StartNatsServer) -> NatsServer:
    return start_nats_server()


@pytest.fixture
async def client(server: NatsServer) -> AsyncIterator[Client]:
    client = await nats.connect(server.url)
    yield client
    await client.close()


@pytest.fixture
def running(runtime_alone: Environment, project: Path, server: NatsServer) -> Iterator[subprocess.Popen[str]]:
    """The pipeline at work, where the compiler is not installed."""
    process = subprocess.Popen(
        [str(runtime_alone.bin / "streamworker"), "run"],
        cwd=project,
        env=runtime_alone.variables(NATS_URL=server.url),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def test_stubs_of_every_shape_pass_the_check(both: Environment, folder: Path) -> None:
    assert sorted(path.name for path in (folder / "handlers").glob("*.py")) == STUBS
    done = both.run("streamworker", "check", cwd=folder)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == "All is well: 8 events, 5 workers, handlers type-checked.\n"


def test_handlers_of_every_shape_are_found_and_strictly_typed(both: Environment, project: Path) -> None:
    checked = both.run("streamworker", "check", cwd=project)
    typed = both.run("mypy", "--strict", "--explicit-package-bases", ".", cwd=project)
    again = both.run("streamworker", "generate", cwd=project)

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert typed.stdout.startswith("Success: no issues found in "), typed.stdout
    assert again.stdout.endswith("nothing to do, generated/ is up to date.\n")


def test_a_wrong_return_type_is_an_error_of_the_check(both: Environment, project: Path, tmp_path: Path) -> None:
    shutil.copytree(project, tmp_path / "wrong")
    invoicer = tmp_path / "wrong" / "handlers" / "invoicer.py"
    invoicer.write_text(invoicer.read_text().replace("(event: Due) -> Sequence[Line]", "(event: Due) -> Sequence[Due]"))
    done = both.run("streamworker", "check", cwd=tmp_path / "wrong")

    assert done.returncode == 1
    assert 'handlers/invoicer.py:13:2: error: Argument 1 to "handler" of "WorkerSpec"' in done.stderr
    assert "Sequence[Due]" in done.stderr
    assert "Sequence[Line]" in done.stderr


async def test_it_runs_and_every_output_is_as_it_has_to_be(
    running: subprocess.Popen[str],
    runtime_alone: Environment,
    project: Path,
    server: NatsServer,
    client: Client,
    eventually: Eventually,
) -> None:
    stored = client.jetstream()
    await eventually(lambda: workers(stored), within=20, what="all five workers have their consumers")
    fed = runtime_alone.run("python", "feed.py", cwd=project, NATS_URL=server.url)
    assert fed.returncode == 0, fed.stderr
    await eventually(lambda: drained(stored), within=30, every=0.1, what="all is settled")
    running.send_signal(signal.SIGTERM)
    report = running.communicate(timeout=20)[0]
    assert running.returncode == 0, report

    moved, arrived, due, lines, posted = [
        await events(stored, stream, prefix)
        for stream, prefix in (
            ("PARCELS", "parcel.moved."),
            ("PARCELS", "parcel.arrived."),
            *(("BILLS", f"bill.{kind}.") for kind in ("due", "line", "posted")),
        )
    ]
    assert {parcel: [it["depot"] for it in moved if it["parcelId"] == parcel] for parcel in PARCEL_IDS} == {
        parcel: ["ber", "ham", "muc"] for parcel in PARCEL_IDS
    }
    assert all(it["hop"] == 1 + ["ber", "ham", "muc"].index(str(it["depot"])) for it in moved)
    assert [(it["parcelId"], it["hops"], it["result"]) for it in arrived] == [
        (parcel, 3, "delivered") for parcel in PARCEL_IDS
    ]
    assert {int(str(it["parcelId"])): it["cents"] for it in due} == {
        number: 1700 if number in HEAVY else 600 for number in PAYING
    }
    assert sorted((int(str(it["parcelId"])), it["line"]) for it in lines) == sorted(
        [(number, 1) for number in PAYING] + [(number, 2) for number in HEAVY]
    )
    assert sorted(str(it["euros"]) for it in posted) == sorted(
        ["6.00"] * (len(PAYING) - len(HEAVY)) + ["17.00", "2.50"] * len(HEAVY)
    )
    await proofs_and_journeys_are_kept(stored)
    await failures_are_reported_and_kept(report, runtime_alone, project, server)


async def proofs_and_journeys_are_kept(stored: JetStreamContext) -> None:
    proofs, journeys = await stored.object_store("proofs"), await stored.key_value("journeys")
    for parcel in PARCEL_IDS:
        assert (await proofs.get(parcel)).data == b"delivered after 3 depots"
        assert json.loads((await journeys.get(parcel)).value or b"") == {"depots": ["ber", "ham", "muc"]}


async def failures_are_reported_and_kept(
    report: str, runtime_alone: Environment, project: Path, server: NatsServer
) -> None:
    assert "  pricer     22 in = 20 acked (1 ignored) + 2 dead-lettered; 13 published\n" in report
    assert f"  ledger     {15 + len(HEAVY)} in = 15 acked + {len(HEAVY)} retried; 15 published\n" in report
    listed = runtime_alone.run("streamworker", "dlq", "list", cwd=project, NATS_URL=server.url).stdout
    assert "parcel.accepted.000021  TooHeavy: 31000 g\n" in listed
    assert "parcel.accepted.000099  ContractViolation: not a Accepted: " in listed
    assert len(listed.splitlines()) == 3


async def workers(stored: JetStreamContext) -> bool:
    """Whether all have consumers; streams that are not there yet have none."""
    found: set[str] = set()
    for stream in ("PARCELS", "SCANS", "BILLS"):
        try:
            found |= {consumer.name for consumer in await stored.consumers_info(stream)}
        except nats.js.errors.NotFoundError:
            return False
    return {f"parcels-{name.removesuffix('.py')}" for name in STUBS} <= found


async def drained(stored: JetStreamContext) -> bool:
    """Whether every event was delivered and settled, and all that comes of them has come."""
    for stream in ("PARCELS", "SCANS", "BILLS"):
        for consumer in await stored.consumers_info(stream):
            if consumer.num_pending or consumer.num_ack_pending:
                return False
    posted = await events(stored, "BILLS", "bill.posted.")
    return len(posted) == len(PAYING) + len(HEAVY)


async def events(stored: JetStreamContext, stream: str, prefix: str) -> list[dict[str, object]]:
    """What a stream holds under a prefix, in order."""
    left = (await stored.stream_info(stream)).state.messages
    found = [await stored.get_msg(stream, sequence) for sequence in range(1, left + 1)]
    return [json.loads(it.data or b"") for it in found if (it.subject or "").startswith(prefix)]
