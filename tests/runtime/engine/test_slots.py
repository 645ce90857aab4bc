"""Slots: how many handlers run, and that none waits for nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from streamworker.engine.slots import Slots


async def test_work_that_never_suspends_is_done_in_order_without_a_task_of_its_own() -> None:
    done: list[tuple[int, object]] = []

    async def work(number: int, _task: asyncio.Task[object]) -> None:
        done.append((number, asyncio.current_task()))

    slots = Slots(4, work)
    slots.open("t")
    for number in range(100):
        slots.put(number)
    await _finished(slots)
    await slots.close()
    assert [number for number, _ in done] == list(range(100))
    assert len({task for _, task in done}) <= 4


async def test_work_that_suspends_runs_side_by_side_up_to_the_count() -> None:
    running = most = 0

    async def work(_number: int, _task: asyncio.Task[object]) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001)
        running -= 1

    slots = Slots(7, work)
    slots.open("t")
    for number in range(50):
        slots.put(number)
    await _finished(slots)
    await slots.close()
    assert most == 7


async def test_a_suspect_runs_while_nothing_else_does_and_others_go_on_after_it() -> None:
    running: set[str] = set()
    beside: list[set[str]] = []

    async def work(name: str, _task: asyncio.Task[object]) -> None:
        running.add(name)
        if name.startswith("suspect"):
            beside.append(running - {name})
        await asyncio.sleep(0.001)
        beside[-1:] = [beside[-1] | (running - {name})] if name.startswith("suspect") else beside[-1:]
        running.discard(name)

    slots = Slots(5, work)
    slots.open("t")
    for number in range(20):
        slots.put(f"event {number}")
        if number in (3, 9):
            await asyncio.sleep(0)
            slots.put_alone(f"suspect {number}")
    await _finished(slots)
    await slots.close()
    assert beside == [set(), set()]


async def test_workers_of_one_process_take_turns_however_large_a_piece_of_their_work_is() -> None:
    """None of it suspends; one's pieces take ten times as long as the other's, and it has as many slots as it likes."""
    done: list[str] = []

    def spinning(name: str, seconds: float) -> Callable[[int, asyncio.Task[object]], Awaitable[None]]:
        async def work(_number: int, _task: asyncio.Task[object]) -> None:
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                pass
            done.append(name)

        return work

    large = Slots(16, spinning("large", 0.003))
    small = Slots(4, spinning("small", 0.0003))
    for number in range(40):
        large.put(number)
    for number in range(400):
        small.put(number)
    large.open("large")
    small.open("small")
    await _finished(large)
    await _finished(small)
    await large.close()
    await small.close()
    when_half_of_the_large_is_done = [at for at, name in enumerate(done) if name == "large"][19]
    assert done[:when_half_of_the_large_is_done].count("small") > 80


async def _finished(slots: Slots[int] | Slots[str]) -> None:
    """Return when nothing runs and nothing waits."""
    async with asyncio.timeout(10):
        while slots.queue or slots.suspects or slots.running:  # noqa: ASYNC110 -- nothing else asks for it
            await asyncio.sleep(0.001)


async def test_many_that_suspend_start_within_a_few_rounds_of_the_event_loop() -> None:
    """One more for each round would take a thousand; where workers share a process, a round takes milliseconds."""
    started, go_on = 0, asyncio.Event()

    async def work(_number: int, _task: asyncio.Task[object]) -> None:
        nonlocal started
        started += 1
        await go_on.wait()

    slots = Slots(1000, work)
    slots.open("t")
    await asyncio.sleep(0)
    for number in range(1000):
        slots.put(number)
    rounds = 0
    while started < 1000:
        await asyncio.sleep(0)
        rounds += 1
    go_on.set()
    await slots.close()
    assert rounds < 50
