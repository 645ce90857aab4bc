"""Faults 13, 14 and 22: events that take long, block the loop, hang, or kill the process. Only they suffer for it."""

from __future__ import annotations

import signal

import pytest

from tests.conftest import StartNatsServer
from tests.faults import books
from tests.faults.conftest import MakeProject
from tests.faults.load import events
from tests.faults.scene import scene_of

KILLER = 500
GIB = 1024**3


@pytest.mark.parametrize(
    ("deed", "code"),
    [
        ("kill", -signal.SIGKILL),
        pytest.param("segfault", -signal.SIGSEGV, marks=pytest.mark.faults),
        pytest.param("abort", -signal.SIGABRT, marks=pytest.mark.faults),
        pytest.param("exit", 3, marks=pytest.mark.faults),
    ],
)
async def test_an_event_that_ends_its_process_is_the_only_dead_letter(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int, deed: str, code: int
) -> None:
    """One crash of the worker: what follows is tried in a child."""
    load = events(seed, 1_000, {KILLER: deed})
    async with scene_of(make(), start_nats_server().url, seed) as scene:
        await scene.publish(load)
        await scene.exact(load, dead={KILLER})
        assert scene.fleet.exits == {code: 1}
        (letter,) = await books.letters(scene.client)
        assert letter.reason == "crashed"


@pytest.mark.faults
@pytest.mark.parametrize("deed", ["fail", "recurse", "large", "devour"])
async def test_an_event_that_can_not_be_handled_is_the_only_dead_letter(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int, deed: str
) -> None:
    """An error, a recursion without end, an output that no server takes, more memory than there is: the process outlives them."""
    load = events(seed, 1_000, {KILLER: deed})
    async with scene_of(make(), start_nats_server().url, seed, memory=3 * GIB // 2) as scene:
        await scene.publish(load)
        await scene.exact(load, dead={KILLER})
        if deed != "devour":  # on a busy machine that takes longer than the loop may stand still
            assert not scene.fleet.exits


@pytest.mark.faults
async def test_several_killers_at_once_are_the_only_dead_letters(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int
) -> None:
    deeds = {10: "kill", 11: "segfault", 400: "abort", 401: "exit", 402: "kill", 800: "fail"}
    load = events(seed, 1_000, deeds)
    async with scene_of(make(), start_nats_server().url, seed, size=2) as scene:
        await scene.publish(load)
        await scene.exact(load, dead=deeds, within=90)


@pytest.mark.faults
async def test_each_of_a_crowd_of_killers_ends_one_process(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int
) -> None:
    """Suspects wait for each other in the child; they stay suspects while their worker's process is ended by one that is none yet."""
    killers = dict.fromkeys(range(15, 300, 60), "kill")
    blockers = dict.fromkeys(range(0, 300, 20), "block:3")
    load = events(seed, 300, killers | blockers)
    async with scene_of(make(), start_nats_server().url, seed, size=2) as scene:
        await scene.publish(load)
        await scene.exact(load, dead=killers, within=180)
        # One more or two: a process may end before the server has all that it said of what it was about to try.
        assert scene.fleet.exits.total() <= len(killers | blockers) + 2


@pytest.mark.faults
async def test_an_endless_loop_is_ended_by_the_watchdog_and_is_the_only_dead_letter(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int
) -> None:
    load = events(seed, 1_000, {KILLER: "loop"})
    async with scene_of(make(timeout="2s"), start_nats_server().url, seed) as scene:
        await scene.publish(load)
        await scene.exact(load, dead={KILLER}, within=120)
        assert scene.fleet.exits == {75: 1}


async def test_a_handler_that_takes_longer_than_ack_wait_runs_once(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int
) -> None:
    load = events(seed, 300, dict.fromkeys((10, 20, 30), "sleep:5"))
    async with scene_of(make(), start_nats_server().url, seed) as scene:
        await scene.publish(load)
        await scene.exact(load)
        assert set(scene.starts().values()) == {1}


@pytest.mark.faults
async def test_a_handler_that_blocks_the_loop_past_ack_wait_is_told_and_its_output_stands_once(
    make: MakeProject, start_nats_server: StartNatsServer, seed: int
) -> None:
    """The watchdog ends the process, and nothing else that ran in it is a suspect; in a child, where it disturbs nobody, the event is
    handled."""
    load = events(seed, 1_000, {KILLER: "block:4"})
    async with scene_of(make(), start_nats_server().url, seed) as scene:
        await scene.publish(load)
        await scene.exact(load, within=90)
        assert scene.fleet.exits == {75: 1}
        assert "the event loop has stood still for more than 2 s" in scene.fleet.log
        assert " deliveries, 1 of them running" in scene.fleet.log
