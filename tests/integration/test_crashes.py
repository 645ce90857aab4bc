"""What a crash leaves: every output once, and an event that kills its process among the dead letters, alone."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from tests.conftest import Eventually
from tests.integration.projects import Project
from tests.servers import NatsServer, free_port

HANDLER = """\
import asyncio
import os
import signal

from generated.events import Ordered, Shipped
from generated.workers import shipper


@shipper.handler
async def ship(event: Ordered) -> Shipped:
    if event.deed == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    await asyncio.sleep(0.05)
    return Shipped(number=event.number)
"""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Project]:
    project = Project(tmp_path, HANDLER)
    project.generate()
    yield project
    project.end()


async def count(streams: JetStreamContext, stream: str) -> int:
    try:
        return (await streams.stream_info(stream)).state.messages
    except NatsError:
        return -1


async def order(streams: JetStreamContext, numbers: range, killers: frozenset[int] = frozenset()) -> None:
    for number in numbers:
        deed = ', "deed": "kill"' if number in killers else ""
        await streams.publish(f"order.ordered.{number}", f'{{"number": {number}{deed}}}'.encode())


async def test_an_event_that_kills_its_process_is_a_dead_letter_and_its_neighbours_are_delivered(
    shop: Project, server: NatsServer, streams: JetStreamContext, eventually: Eventually
) -> None:
    process = shop.run(server.url)
    await eventually(lambda: _stands(streams), within=20)
    await order(streams, range(300), killers=frozenset({150}))
    crashes = 0

    async def all_decided() -> bool:
        nonlocal process, crashes
        if process.poll() is not None:
            crashes += 1
            process = shop.run(server.url)
        return await count(streams, "SHIPPING") + await count(streams, "SHOP_DEAD_LETTERS") >= 300

    await eventually(all_decided, within=40)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert (await count(streams, "SHIPPING"), await count(streams, "SHOP_DEAD_LETTERS")) == (299, 1)
    assert crashes == 1


async def test_every_output_stands_once_however_often_the_worker_is_killed(
    shop: Project, server: NatsServer, streams: JetStreamContext, eventually: Eventually
) -> None:
    process = shop.run(server.url)
    await eventually(lambda: _stands(streams), within=20)
    await order(streams, range(600))
    for share in (50, 200, 350):
        await eventually(partial(_at_least, streams, share), within=30)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process = shop.run(server.url)
    await eventually(partial(_at_least, streams, 600), within=40)
    await eventually(lambda: _all_settled(streams), within=40)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert (await count(streams, "SHIPPING"), await count(streams, "SHOP_DEAD_LETTERS")) == (600, 0)


async def test_a_child_for_suspects_ends_with_its_parent_also_while_it_waits_for_a_server(shop: Project) -> None:
    """The parent is this test: it closes its end of the socket, as the kernel does where a parent dies."""
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-P", "-m", "streamworker.app.trial", str(shop.folder), "shipper", str(theirs.fileno())]
    child = await asyncio.create_subprocess_exec(
        *command,
        pass_fds=[theirs.fileno()],
        env={**os.environ, "NATS_URL": f"nats://127.0.0.1:{free_port()}"},
        stderr=asyncio.subprocess.PIPE,
    )
    theirs.close()
    try:
        assert child.stderr is not None
        waits = await asyncio.wait_for(child.stderr.readline(), 20)
        assert b"waiting" in waits
        ours.close()
        assert await asyncio.wait_for(child.wait(), 10) == 0
    finally:
        if child.returncode is None:
            child.kill()


async def _stands(streams: JetStreamContext) -> bool:
    return await count(streams, "SHIPPING") >= 0 and await count(streams, "SHOP_DEAD_LETTERS") >= 0


async def _at_least(streams: JetStreamContext, messages: int) -> bool:
    return await count(streams, "SHIPPING") >= messages


async def _all_settled(streams: JetStreamContext) -> bool:
    consumer = await streams.consumer_info("ORDERS", "shop-shipper")
    return not consumer.num_pending and not consumer.num_ack_pending
