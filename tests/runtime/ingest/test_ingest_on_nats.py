"""Ingests on a real nats-server: books that equal what the streams hold, over disconnects, stops, kills, and a lease that moves."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
from dataclasses import replace
from datetime import datetime

import pytest
from nats.aio.client import Client
from nats.js import JetStreamContext
from streamworker.ingest.books import Books
from streamworker.ingest.spec import TimerSpec

from tests.conftest import Eventually, StartNatsServer
from tests.runtime.feed_server import Exchange, FeedServer, Script, feed, frame
from tests.runtime.ingest.plant import Plant, Run, running


def counting(start: int = 0, *, every: float = 0.001) -> tuple[Script, list[int]]:
    """A feed whose frames are numbered on and on, the same for all connections; and the numbers that were sent on each moment."""
    sent = [start]

    async def script(exchange: Exchange) -> None:
        await exchange.start()
        while True:
            sent[0] += 1
            await exchange.send(frame("reading", {"n": sent[0]}))
            await asyncio.sleep(every)

    return script, sent


class Broadcast:
    """A feed that sends the same numbered frames to every connection, as a server does to its readers."""

    def __init__(self) -> None:
        self.sent = 0
        self._moved = asyncio.Condition()

    async def emit(self, count: int, *, every: float = 0.002) -> None:
        for _ in range(count):
            async with self._moved:
                self.sent += 1
                self._moved.notify_all()
            await asyncio.sleep(every)

    async def script(self, exchange: Exchange) -> None:
        await exchange.start()
        at = self.sent
        while True:
            async with self._moved:
                await self._moved.wait_for(lambda at=at: self.sent > at)  # type: ignore[misc]  # bound at once
            while at < self.sent:
                at += 1
                await exchange.send(frame("reading", {"n": at}))


def bad(random_: random.Random) -> bytes:
    data = random_.choice([b"null", b"[]", b"1", b"{", b'{"n":"x"}', b"\xff", b"NaN", b'{"n":1e400}', b""])
    return b"event: reading\ndata: " + data + b"\n\n"


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_every_frame_is_accounted_for_over_bursts_bad_frames_and_disconnects(
    plant: Plant, js: JetStreamContext, seed: int
) -> None:
    """Each connection replays a burst, and sends good frames, bad ones and others, in pieces; most break off, some in mid-frame."""
    chance = random.Random(seed)
    good, refused, dropped = 0, 0, 0
    scripts: list[Script] = []
    for _ in range(12):
        parts = []
        for _ in range(chance.randint(0, 60)):
            match chance.choices(("good", "bad", "other", "nothing"), (6, 2, 2, 1))[0]:
                case "good":
                    good += 1
                    parts.append(frame("reading", {"n": good}))
                case "bad":
                    refused += 1
                    parts.append(bad(chance))
                case "other":
                    dropped += 1
                    parts.append(frame(chance.choice(("other", "message")), {}))
                case _:
                    parts.append(b": nothing\n\nevent: reading\n\n")
        torn = chance.choice([b"", b"event: reading\ndata: {", b"event: rea"])
        stream = b"".join(parts) + torn
        scripts.append(
            feed(stream.replace(b"\n", chance.choice([b"\n", b"\r\n", b"\r"])), pieces=chance.choice([0, 7, 100]))
        )
    async with FeedServer(*scripts) as server, replace(plant, feed=server.url, shared_ids=False).runner() as runner:
        await asyncio.wait_for(runner.run(asyncio.Event()), 30)
    assert runner.books == Books(
        good + refused + dropped, good, 0, refused, dropped, 0, dropped_names=runner.books.dropped_names
    )
    stored = await plant.stored(js)
    assert [reading["n"] for reading in stored] == list(range(1, good + 1)), "all, once, in order"
    assert len(await plant.kept(js)) == refused


async def test_a_stop_under_load_leaves_books_that_equal_the_streams(
    plant: Plant, js: JetStreamContext, eventually: Eventually
) -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.start()
        for n in range(1, 1_000_000):
            await exchange.send(frame("reading", {"n": n}) + (frame("reading", {}) if n % 10 == 0 else b""))

    async with FeedServer(script) as server, replace(plant, feed=server.url).runner() as runner:
        async with running(runner):
            await eventually(lambda: runner.books.published > 500)
        books = runner.books
    assert (books.waiting, books.dropped, books.duplicates) == (0, 0, 0)
    stored = await plant.stored(js)
    assert [reading["n"] for reading in stored] == list(range(1, books.published + 1))
    assert len(await plant.kept(js)) == books.refused
    assert books.published // 10 - books.refused in (0, 1), "the stop may come between a frame and the next"
    assert books.received == books.published + books.refused


async def test_the_server_dies_and_comes_back_and_no_frame_that_was_read_is_lost(
    start_nats_server: StartNatsServer, prefix: str, eventually: Eventually
) -> None:
    """The buffer holds what the feed sends meanwhile; then the feed has to wait."""
    nats = start_nats_server()
    plant = Plant(prefix, nats.url, buffer=50)
    await plant.provide()
    script, sent = counting()
    async with FeedServer(script, send_buffer=4096) as server, replace(plant, feed=server.url).runner() as runner:
        async with running(runner):
            await eventually(lambda: runner.books.published > 50)
            nats.kill()
            await eventually(lambda: runner.books.waiting == 50)
            nats.start()
            before = runner.books.published
            await eventually(lambda: runner.books.published > before + 200)
        books = runner.books
    assert (books.received, books.waiting) == (books.published, 0)
    reader = await _client(nats.url)
    stored = [reading["n"] for reading in await plant.stored(reader.jetstream())]
    await reader.close()
    assert sorted(stored) == list(range(1, books.published - books.duplicates + 1))
    assert sent[0] >= len(stored)


async def _client(url: str) -> Client:
    client = Client()
    await client.connect(url)
    return client


async def test_of_two_processes_one_reads_and_the_other_takes_over_in_order(
    plant: Plant, js: JetStreamContext, eventually: Eventually
) -> None:
    broadcast = Broadcast()
    async with FeedServer(*[broadcast.script] * 9) as server:
        plant = replace(plant, feed=server.url)
        async with plant.runner() as first, plant.runner() as second:
            one = Run(first)
            await eventually(lambda: first.health().condition == "reading")
            other = Run(second)
            await eventually(lambda: second.health().detail == "another process is at it")
            await broadcast.emit(100)
            assert len(server.exchanges) == 1, "only one of them reads"
            await one.end()
            await eventually(lambda: second.health().condition == "reading")
            await asyncio.sleep(0.05)
            await broadcast.emit(100)
            await eventually(lambda: second.books.published == 100)
            await other.end()
    assert [runner.books.received for runner in (first, second)] == [100, 100]
    assert [reading["n"] for reading in await plant.stored(js)] == list(range(1, 201))


async def test_after_a_sigkill_the_other_takes_over_and_each_frame_stands_once(
    plant: Plant, js: JetStreamContext, eventually: Eventually
) -> None:
    """Both were connected for a moment: what both published has one id. What is missing is what came while nobody read."""
    broadcast = Broadcast()
    async with FeedServer(*[broadcast.script] * 9) as server:
        plant = replace(plant, feed=server.url)
        process = await plant.process()
        await eventually(lambda: server.exchanges)
        async with plant.runner() as heir, running(heir):
            await asyncio.sleep(0.05)
            await broadcast.emit(50)
            process.kill()
            await process.wait()
            await eventually(lambda: len(server.exchanges) == 2, within=10)
            await asyncio.sleep(0.05)
            await broadcast.emit(50)
            await eventually(lambda: heir.books.published == 50)
    numbers = [reading["n"] for reading in await plant.stored(js)]
    assert numbers == sorted(set(numbers)), "each once"
    assert numbers[-50:] == list(range(51, 101))
    assert len(numbers) >= 90, "a killed process loses at most what it had not yet published"


async def test_who_was_stopped_for_long_publishes_nothing_when_it_wakes(
    plant: Plant, js: JetStreamContext, eventually: Eventually
) -> None:
    """A process that slept through its lease finds frames of long ago in its socket: they are another's business now."""
    broadcast = Broadcast()
    async with FeedServer(*[broadcast.script] * 9) as server:
        plant = replace(plant, feed=server.url, shared_ids=False)
        sleeper = await plant.process()
        await eventually(lambda: server.exchanges)
        async with plant.runner() as heir, running(heir):
            await asyncio.sleep(0.05)
            await broadcast.emit(20)
            sleeper.send_signal(signal.SIGSTOP)
            await eventually(lambda: len(server.exchanges) == 2, within=10)
            await asyncio.sleep(0.05)
            await broadcast.emit(50)
            await eventually(lambda: heir.books.published == 50)
            sleeper.send_signal(signal.SIGCONT)
            await asyncio.sleep(1.0)
            sleeper.send_signal(signal.SIGTERM)
            out, _ = await sleeper.communicate()
    assert json.loads(out) == [20, 20, 0, 0, 0]
    assert [reading["n"] for reading in await plant.stored(js)] == list(range(1, 71))


async def test_who_takes_over_asks_for_what_came_after_the_last_stored_frame(
    plant: Plant, eventually: Eventually
) -> None:
    """Where a feed has ids, nothing is missed between two processes."""
    ids = feed(*(f"id: {n}\n".encode() + frame("reading", {"n": n}) for n in range(1, 8)), hang=True)
    async with FeedServer(ids, ids, ids) as server:
        plant = replace(plant, feed=server.url)
        for number in range(2):
            async with plant.runner() as runner, running(runner):
                await eventually(lambda number=number: len(server.requests) == number + 1)  # type: ignore[misc]
                await eventually(lambda runner=runner: runner.books.published == 7)  # type: ignore[misc]
    assert [request.headers.get("last-event-id") for request in server.requests] == [None, "7"]


async def test_several_processes_publish_each_tick_once(
    plant: Plant, js: JetStreamContext, eventually: Eventually
) -> None:
    timer = TimerSpec(name="clock", every=0.25, subject=plant.ticks)

    async def ticks() -> int:
        return len(await plant.stored(js))

    async with plant.runner(timer) as first, plant.runner(timer) as second, running(second):
        async with running(first):
            await eventually(lambda: first.books.published + second.books.published >= 4)
        before = await ticks()
        await eventually(lambda: second.books.published > before)
    stored = [reading["at"] for reading in await plant.stored(js)]
    moments = [datetime.fromisoformat(each) for each in stored]
    assert moments == sorted(set(moments))
    assert first.books.published + second.books.published == len(stored)


async def test_a_tick_that_was_missed_while_nobody_ran_is_caught_up_once(
    plant: Plant, js: JetStreamContext, eventually: Eventually
) -> None:
    day = TimerSpec(name="clock", every=86_400.0, subject=plant.ticks)
    async with plant.runner(day) as runner, running(runner):
        await eventually(lambda: runner.drained)
    assert await plant.stored(js) == [], "the first of all is the next"
    await js.publish(f"$KV.{plant.prefix}_leases.clock.mark", b"86400000")
    for _ in range(2):
        async with plant.runner(day) as runner, running(runner):
            await eventually(lambda runner=runner: runner.drained)  # type: ignore[misc]  # bound at once
    assert len(await plant.stored(js)) == 1, "once, though fifty years of them were missed"


async def test_a_slow_server_makes_the_feed_wait_and_the_memory_stay(
    plant: Plant, js: JetStreamContext, eventually: Eventually
) -> None:
    """A hundred frames in flight at most, whatever the feed would send."""
    big = frame("reading", {"n": 1, "connection": "x" * 5000})

    async def script(exchange: Exchange) -> None:
        await exchange.start()
        while True:
            await exchange.send(big)

    async with (
        FeedServer(script, send_buffer=8192) as server,
        replace(plant, feed=server.url).runner() as runner,
        running(runner),
    ):
        await eventually(lambda: runner.books.published > 1000)
        before = _resident()
        await eventually(lambda: runner.books.published > 6000, within=30)
        assert _resident() - before < 20_000_000


def _resident() -> int:
    with open("/proc/self/statm") as status:
        return int(status.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def test_a_stop_while_standing_by_is_quick(plant: Plant, eventually: Eventually) -> None:
    async with FeedServer(feed(hang=True)) as server:
        plant = replace(plant, feed=server.url)
        async with plant.runner() as first, plant.runner() as second, running(first):
            await eventually(lambda: first.health().condition == "reading")
            async with asyncio.timeout(2), running(second):
                await eventually(lambda: second.health().detail)
