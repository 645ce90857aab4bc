"""Faults 15 to 21: windows, backlogs, sizes, full and deleted streams, and input that is no event."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from math import inf
from pathlib import Path

import pytest
from nats.js.api import StreamConfig

from tests.conftest import StartNatsServer
from tests.faults import books
from tests.faults.conftest import MakeProject
from tests.faults.load import events
from tests.faults.proxy import Proxy
from tests.faults.scene import scene_of
from tests.faults.test_network import is_ack

pytestmark = pytest.mark.faults

MALFORMED = {
    "no JSON": b"{",
    "empty": b"",
    "no object": b"[]",
    "a wrong type": b'{"number": "1", "customer": 1, "deed": "", "parts": 1, "note": ""}',
    "a missing field": b'{"number": 1}',
    "one too many": b'{"number": 1, "customer": 1, "deed": "", "parts": 1, "note": "", "more": 1}',
    "10,000 levels": b'{"number": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "NaN": b'{"number": NaN, "customer": 1, "deed": "", "parts": 1, "note": ""}',
    "infinity": b'{"number": 1e999, "customer": 1, "deed": "", "parts": 1, "note": ""}',
    "no UTF-8": b'{"number": 1, "customer": 1, "deed": "", "parts": 1, "note": "\xff\xfe"}',
    "a huge number that is none": b'{"number": '
    + b"9" * 10_000
    + b'.5, "customer": 1, "deed": "", "parts": 1, "note": ""}',
}


async def test_what_comes_again_behind_the_window_stands_twice_and_nothing_is_lost(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int
) -> None:
    """The documented limit of the promise: no ack gets through until the sink has forgotten the ids."""
    server, load = start_nats_server(), events(seed, 200)
    folder = make(shipping=", delivery: at-least-once, duplicate_window: 1s")
    async with Proxy(server.url) as proxy, scene_of(folder, server.url, seed, through=proxy.url) as scene:
        proxy.hold = lambda direction, frame: inf if is_ack(direction, frame) else 0.0
        await scene.publish(load)
        await scene.until(lambda: sum(scene.starts().values()) > len(load), "something came again")
        proxy.heal()
        assert await scene.exact(load, twice=True) > 0


async def test_a_huge_backlog_is_handled_in_bounded_memory(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int
) -> None:
    """200 MB wait; the process grows by less than a third of that."""
    load = [replace(event, note=event.note * 640) for event in events(seed, 20_000, parts=1)]
    async with scene_of(make(concurrency=4), start_nats_server().url, seed) as scene:
        (pid,) = scene.fleet.pids
        before = peak(pid)
        await scene.publish(load)
        await scene.settled(within=120)
        grown = peak(pid) - before
        print(f"a backlog of 200 MB: the process grew by {grown / 2**20:.0f} MiB to {peak(pid) / 2**20:.0f}")
        assert grown < 64 * 2**20
        await scene.exact(load)


def peak(pid: int) -> int:
    """The most memory that a process has had, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) * 1024


async def test_a_full_sink_is_waited_for_and_gone_on_with_after_a_purge(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int
) -> None:
    load = events(seed, 1_000, parts=1)
    async with scene_of(make(shipping=", max_msgs: 600, discard: new"), start_nats_server().url, seed) as scene:
        await scene.publish(load)
        await scene.until(lambda: "is not stored" in scene.fleet.log, "the worker says what it waits for")
        await scene.stored(600)
        purged = await books.messages(scene.client, "SHIPPING")
        assert len(purged) == 600
        await scene.client.jetstream().purge_stream("SHIPPING")
        await scene.exact(load, purged=purged)
        assert not scene.fleet.exits


async def test_a_consumer_that_is_deleted_under_load_is_made_again(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int
) -> None:
    load = events(seed, 3_000)
    async with scene_of(make(), start_nats_server().url, seed) as scene:
        publishing = asyncio.create_task(scene.publish(load, per_second=400))
        for _ in range(3):
            await asyncio.sleep(scene.chance.uniform(1.0, 2.0))
            scene.timeline.note("consumer deleted")
            await scene.client.jetstream().delete_consumer("ORDERS", "shop-shipper")
        await publishing
        await scene.exact(load)
        assert scene.fleet.log.count("was made anew") >= 3


async def test_ids_do_not_collide_with_those_of_a_deleted_stream(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int
) -> None:
    """The same sequences again, in a stream of the same name: all outputs of both stand."""
    server, everything = start_nats_server(), events(seed, 600)
    first, second = everything[:300], everything[300:]
    async with scene_of(make(), server.url, seed) as scene:
        await scene.publish(first)
        await scene.settled()
        jetstream = scene.client.jetstream()
        config: StreamConfig = (await jetstream.stream_info("ORDERS")).config
        await jetstream.delete_stream("ORDERS")
        await scene.until(lambda: "ORDERS was deleted" in scene.fleet.log, "the worker says that its stream is gone")
        await jetstream.add_stream(config)
        await scene.publish(second)
        await scene.settled()
        await scene.exact(second, gone=first)


async def test_what_is_no_event_is_a_dead_letter_with_a_reason_and_others_go_on(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int
) -> None:
    load = events(seed, 300)
    async with scene_of(make(), start_nats_server().url, seed) as scene:
        jetstream = scene.client.jetstream()
        for data in MALFORMED.values():
            await jetstream.publish("order.ordered.1", data)
        await scene.publish(load)
        await scene.settled()
        letters = await books.letters(scene.client)
        assert Counter(letter.data for letter in letters) == Counter(MALFORMED.values())
        assert {letter.reason for letter in letters} == {"contract"}
        assert all(letter.text for letter in letters)
        outputs = sum(event.parts for event in load)
        assert await books.count(scene.client, "SHIPPING") == outputs
        assert await scene.fleet.stop() == [0]
