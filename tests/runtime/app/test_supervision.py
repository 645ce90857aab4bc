"""Parts side by side: from the first start to the last end."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

import pytest
from streamworker.app.figures import State, WorkerFigures
from streamworker.app.supervision import Part, Supervision
from streamworker.errors import ConnectionLost, WorkerStopped

from tests.conftest import Eventually


class FakePart:
    """A part that does as the test says."""

    def __init__(self, name: str, body: Callable[[asyncio.Event], Awaitable[object]] | None = None) -> None:
        self.name = name
        self.done = 0
        self.todo = 0
        self.ended = False
        self.asked_at: list[float] = []
        self._body = body or (lambda stop: stop.wait())

    async def run(self, stop: asyncio.Event) -> None:
        try:
            await self._body(stop)
        finally:
            self.ended = True

    async def drained(self) -> bool:
        return self.todo == 0

    def figures(self, now: float) -> WorkerFigures:
        self.asked_at.append(now)
        return WorkerFigures(name=self.name, state=State("working"), received=self.done, acked=self.done)


def states(supervision: Supervision) -> dict[str, str]:
    return {part.name: str(part.state) for part in supervision.figures(0.0).parts}


def supervised(*parts: Part) -> tuple[Supervision, asyncio.Event, asyncio.Task[None]]:
    stop = asyncio.Event()
    supervision = Supervision(parts, stop)
    return supervision, stop, asyncio.create_task(supervision.run())


async def test_parts_run_until_they_are_told_to_stop(eventually: Eventually) -> None:
    supervision, stop, running = supervised(FakePart("a"), FakePart("b"))
    await asyncio.sleep(0)
    assert states(supervision) == {"a": "working", "b": "working"}

    stop.set()
    await running
    assert states(supervision) == {"a": "stopped", "b": "stopped"}
    assert supervision.failed == []


async def test_one_that_takes_its_time_to_finish_is_waited_for(eventually: Eventually) -> None:
    finished = asyncio.Event()

    async def slow(stop: asyncio.Event) -> None:
        await stop.wait()
        await finished.wait()

    supervision, stop, running = supervised(FakePart("quick"), FakePart("slow", slow))
    await asyncio.sleep(0.01)
    stop.set()
    await eventually(lambda: states(supervision) == {"quick": "stopped", "slow": "stopping"})
    finished.set()
    await running
    assert states(supervision) == {"quick": "stopped", "slow": "stopped"}


async def test_an_error_of_one_stops_all_in_order(caplog: pytest.LogCaptureFixture) -> None:
    async def fails(_stop: asyncio.Event) -> None:
        await asyncio.sleep(0.01)
        raise WorkerStopped("bad", ValueError("no tuner"))

    other = FakePart("good")
    supervision, stop, running = supervised(FakePart("bad", fails), other)
    await running

    assert states(supervision) == {"bad": "failed: ValueError: no tuner", "good": "stopped"}
    assert supervision.failed == ["bad"]
    assert other.ended
    assert stop.is_set()
    assert "bad failed, so all stop: no tuner" in caplog.text
    assert "ValueError: no tuner" in caplog.text


async def test_a_part_that_lost_its_connection_while_it_started_starts_again(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamworker.app.supervision._AGAIN", 0.01)
    caplog.set_level(logging.WARNING)
    starts: list[int] = []

    async def second_time_lucky(stop: asyncio.Event) -> None:
        starts.append(1)
        if len(starts) == 1:
            raise ConnectionLost("nats://tv:4222", 5.0, "no answer")

    supervision, _, running = supervised(FakePart("a", second_time_lucky))
    await running

    assert len(starts) == 2
    assert states(supervision) == {"a": "stopped"}
    assert "a starts again: no connection to nats://tv:4222 after 5 s: no answer" in caplog.text


async def test_a_second_signal_ends_what_does_not_finish() -> None:
    async def never(_stop: asyncio.Event) -> None:
        await asyncio.Event().wait()

    part = FakePart("a", never)
    supervision, stop, running = supervised(part)
    await asyncio.sleep(0.01)
    stop.set()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert part.ended
    assert states(supervision) == {"a": "stopped"}


async def test_idle_is_when_all_is_drained_and_nothing_moved() -> None:
    first, second = FakePart("first"), FakePart("second")
    asked: list[int] = []

    async def drained_but() -> bool:
        """The first time it is asked, it is drained, and meanwhile the first one's work has become work of it."""
        asked.append(1)
        if len(asked) == 1:
            first.done, second.todo = 1, 1
            return True
        return second.todo == 0

    second.drained = drained_but  # type: ignore[method-assign]  # what happens in between
    supervision, stop, running = supervised(first, second)
    idle = asyncio.create_task(supervision.until_idle())
    await asyncio.sleep(0.15)
    assert len(asked) == 2
    assert not stop.is_set()

    second.todo = 0
    await asyncio.wait_for(running, 5)
    await idle


async def test_one_look_that_finds_nothing_to_do_is_not_believed() -> None:
    """A consumer is told of a message a moment later than its publisher is told that it is stored."""
    part, looks = FakePart("a"), list[bool]()

    async def drained() -> bool:
        looks.append(len(looks) != 1)
        return looks[-1]

    part.drained = drained  # type: ignore[method-assign]  # what happens in between
    supervision, _, running = supervised(part)
    await supervision.until_idle()
    await running
    assert looks == [True, False, True, True]


async def test_whether_work_moves_is_judged_by_one_clock() -> None:
    part = FakePart("a")
    supervision, _, running = supervised(part)
    await supervision.until_idle()
    await running

    assert part.asked_at
    assert all(0 <= time.monotonic() - at < 60 for at in part.asked_at)


async def test_without_parts_there_is_nothing_to_wait_for() -> None:
    _, _, running = supervised()
    await running
