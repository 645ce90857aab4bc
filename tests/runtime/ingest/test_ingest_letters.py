"""Dead letters of an ingest go back to it: frames that it would take now are published as they came."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Annotated

from nats.js import JetStreamContext
from pydantic import BaseModel, Field
from streamworker.subject import Subject

from tests.conftest import Eventually
from tests.runtime.feed_server import FeedServer, feed, frame
from tests.runtime.ingest.plant import Plant, Seen, running


class Small(BaseModel, frozen=True):
    """The contract before it grew."""

    n: Annotated[int, Field(le=5)]
    connection: Seen


async def test_letters_are_published_as_they_came_once_the_contract_takes_them(
    plant: Plant, js: JetStreamContext, eventually: Eventually
) -> None:
    small = Subject(f"{plant.prefix}.readings", Small)
    frames = (frame("reading", {"n": 1}), frame("reading", {"n": 9}), frame("renamed", {"n": 2}))
    async with FeedServer(feed(*frames)) as server:
        plant = replace(plant, feed=server.url)
        spec = plant.sse(events={"reading": small}, unmapped="dead-letter")
        async with plant.runner(spec) as runner:
            await runner.run(asyncio.Event())
        before = {letter.headers["Feed-Event"]: letter for letter in await plant.kept(js)}
        assert await plant.redrive_all() == 2

        server.scripts = [feed(hang=True)]
        spec = plant.sse(events={"reading": plant.readings, "renamed": plant.readings}, unmapped="dead-letter")
        async with plant.runner(spec) as runner, running(runner):
            await eventually(lambda: runner.books.published == 2)
        assert (runner.books.received, runner.books.refused) == (2, 0)
    stored = {reading["n"]: reading["connection"] for reading in await plant.stored(js)}
    assert set(stored) == {1, 9, 2}
    assert stored[9] == {"id": before["reading"].headers["Feed-Connection"], "seq": 1}
    assert stored[2] == {"id": stored[1]["id"], "seq": 2}
    assert (await js.stream_info(f"{plant.prefix.upper()}_REDRIVES")).state.messages == 0
    assert await plant.redrive_all() == 0


async def test_a_letter_that_is_refused_again_is_a_new_letter(
    plant: Plant, js: JetStreamContext, eventually: Eventually
) -> None:
    async with (
        FeedServer(feed(frame("reading", {"n": "x"}), hang=True)) as server,
        replace(plant, feed=server.url).runner() as runner,
        running(runner),
    ):
        for times in range(3):
            await eventually(lambda times=times: runner.books.refused == times + 1)  # type: ignore[misc]  # bound at once
            assert await plant.redrive_all() == 1
        await eventually(lambda: runner.books.refused == 4)
    async with plant.connected() as connection, plant.dead_letters(connection) as letters:
        assert [(each.letter.redriven, each.letter.data) async for each in letters.all()] == [(3, b'{"n": "x"}')]


async def test_what_is_sent_back_and_was_never_a_letter_is_terminated(
    plant: Plant, js: JetStreamContext, eventually: Eventually
) -> None:
    stream = f"{plant.prefix.upper()}_REDRIVES"
    headers = {"Streamworker-Origin": "plant 1 1", "Streamworker-Redriven": "1", "Streamworker-Subject": "x"}
    for known in ({}, headers):
        await js.publish(f"redrive.{plant.prefix}.plant", b"{}", headers=known)
    async with (
        FeedServer(feed(hang=True)) as server,
        replace(plant, feed=server.url).runner() as runner,
        running(runner),
    ):

        async def none_left() -> bool:
            return (await js.stream_info(stream)).state.messages == 0

        await eventually(none_left)
    assert runner.books.received == 0
