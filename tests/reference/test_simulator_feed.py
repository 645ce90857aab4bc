"""The simulator's feed over a real socket: replay, order, the end, and misbehaviour on request."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests.reference.feeds import listen, living
from tests.simulator.faults import Faults
from tests.simulator.feed import CHANNEL, Feed
from tests.simulator.frames import frame
from tests.simulator.http import Chunks
from tests.simulator.journal import Journal
from tests.simulator.scenario import HOUR, Scenario
from tests.simulator.simulator import simulator

QUICK = Scenario(services=4, programs=200, nameless=50, start=1767312000000, speed=0, duration=6 * HOUR, recordings=20)


def quick(**changes: float) -> Scenario:
    """The same, with these faults."""
    return replace(QUICK, faults={name.replace("_", "-"): share for name, share in changes.items()})


async def test_the_feed_is_headed_as_mirakc_heads_it_and_ends_in_order() -> None:
    async with living(QUICK) as it:
        heard = await listen(it.url)
    assert heard.in_order
    for header in ("200 OK", "content-type: text/event-stream", "cache-control: no-store", "connection: close"):
        assert header in heard.head
    assert b"\nid:" not in heard.body
    assert b"\nretry:" not in heard.body


async def test_a_reader_is_told_what_is_known_when_it_connects() -> None:
    async with living(QUICK) as it:
        heard = await listen(it.url)
    replay = Counter(name for name, _ in heard.events[:18])
    assert replay["tuner.status-changed"] == QUICK.tuners
    assert replay["epg.programs-updated"] == replay["onair.program-changed"] == QUICK.services
    assert replay["timeshift.timeline"] == QUICK.recorders


async def test_a_reader_that_comes_after_the_end_is_told_to_stay_away() -> None:
    """204 is what the standard gives a server to say so."""
    async with living(QUICK) as it:
        await listen(it.url)
        assert "204 No Content" in (await listen(it.url)).head


async def test_the_log_says_what_was_sent_and_what_to_make_of_it(tmp_path: Path) -> None:
    scenario = quick(
        bad_json=0.1, not_an_object=0.1, unknown_event=0.1, unknown_reason=0.1, without_data=0.1, nameless=0.1
    )
    async with simulator(scenario, log=tmp_path / "log") as it:
        life = asyncio.create_task(it.live())
        heard = await listen(it.url)
        await life
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    frames = [line for line in lines if line["kind"] == "frame"]
    sent = [(line["event"] or "message", line["data"]) for line in frames if line["reading"] != "nothing"]
    assert heard.events == sent
    assert {line["reading"] for line in frames} == {"valid", "invalid", "unmapped", "nothing"}
    assert [line["how"] for line in lines if line["kind"] == "closed"] == ["in-order"]


@pytest.mark.parametrize("style", ["crlf", "comments", "many-lines", "other-fields", "split", "byte-order-mark"])
async def test_however_a_frame_is_written_it_says_the_same(style: str) -> None:
    async with living(QUICK) as it:
        plain = await listen(it.url)
    async with living(quick(**{style: 1.0})) as it:
        styled = await listen(it.url)
    assert [(name, json.loads(data)) for name, data in styled.events] == [
        (name, json.loads(data)) for name, data in plain.events
    ]
    assert styled.body != plain.body or style == "split"


@pytest.mark.parametrize("fault", ["cut", "drop"])
async def test_a_connection_that_breaks_does_not_end_in_order(fault: str, tmp_path: Path) -> None:
    async with simulator(quick(**{fault: 0.05}), log=tmp_path / "log") as it:
        life = asyncio.create_task(it.live())
        heard = [await listen(it.url)]
        while not heard[-1].in_order:
            heard.append(await listen(it.url))
        await life
    assert len(heard) > 2
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    for number, connection in enumerate(heard, start=1):
        sent = [line for line in lines if line["kind"] == "frame" and line["connection"] == number]
        assert connection.events == [(line["event"], line["data"]) for line in sent if line["reading"] != "nothing"]
    assert [line["how"] for line in lines if line["kind"] == "closed"] == ["dropped"] * (len(heard) - 1) + ["in-order"]


async def test_the_feed_ends_after_as_many_frames_as_were_asked_for() -> None:
    async with living(replace(QUICK, duration=None, frames=100)) as it:
        heard = await listen(it.url)
    assert heard.in_order
    assert 100 <= len(heard.events) < 200


class Stuck(Chunks):
    """A reader that never reads."""

    def __init__(self) -> None: ...

    async def write(self, data: bytes) -> None:
        await asyncio.Event().wait()


async def test_a_slow_reader_holds_up_the_world() -> None:
    """The channel to a reader is short and whoever emits waits, so nothing piles up."""
    feed = Feed(list, Faults(1, {}), Journal(None), seed=1, limit=None)
    serving = asyncio.create_task(feed.serve(Stuck()))
    await feed.connected.wait()
    emitted = [asyncio.create_task(feed.emit(frame("recording.started", {"programId": it}))) for it in range(100)]
    done, waiting = await asyncio.wait(emitted, timeout=0.2)
    assert len(done) in (CHANNEL, CHANNEL + 1)
    for task in (serving, *waiting):
        task.cancel()


async def test_faults_can_be_asked_for_while_it_runs() -> None:
    async with living(replace(QUICK, speed=3600.0)) as it, httpx.AsyncClient(base_url=it.url) as client:
        refused = await client.post("/control/faults", json={"earthquake": 1})
        assert (refused.status_code, "no such fault: earthquake" in refused.json()["reason"]) == (400, True)
        assert (await client.post("/control/faults", json={"cut": 1})).status_code == 202
        assert not (await listen(it.url)).in_order
        await client.post("/control/faults", json={"cut": 99})
        await client.post("/control/calm")
        assert (await client.get("/control/status")).json()["frames"] == 0
        later = asyncio.create_task(listen(it.url))
        await client.post("/control/end")
        assert (await later).in_order


def test_unknown_faults_are_refused() -> None:
    with pytest.raises(ValueError, match="no such fault: earthquake; there are bad-json, "):
        Faults(1, {"earthquake": 1.0})
