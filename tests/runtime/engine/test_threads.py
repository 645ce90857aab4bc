"""Blocking handlers: in threads, no more of them than are allowed, and what becomes of a call is what its handler hears."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Mapping

import pytest
from streamworker.delivery import Incoming, Origin, current
from streamworker.delivery import enter as enter_delivery
from streamworker.engine.threads import in_threads, overdue
from streamworker.sources.memory import MemorySource
from streamworker.sources.redrive import RedriveSubject

from tests.conftest import Eventually


class Shared:
    """The scope of a worker that has nothing."""

    worker = "late"

    def tokens(self, _subject: str, /) -> Mapping[str, str]:
        return {}

    def publish_id(self, _origin: Origin, _counter: int, /) -> str:
        return ""


class Gate:
    """A blocking function that counts who is in it, and lets nobody out before it is opened."""

    def __init__(self) -> None:
        self.inside: list[object] = []
        self.opened = threading.Event()

    def __call__(self, event: object) -> object:
        self.inside.append(event)
        assert self.opened.wait(10)
        return event


async def test_calls_run_side_by_side_up_to_the_count(eventually: Eventually) -> None:
    gate = Gate()
    async with in_threads(gate, 3, "side", 10.0) as handle:
        handling = [asyncio.ensure_future(handle(number)) for number in range(7)]
        await eventually(lambda: len(gate.inside) == 3)
        await asyncio.sleep(0.05)
        assert len(gate.inside) == 3
        gate.opened.set()
        assert await asyncio.gather(*handling) == list(range(7))


@pytest.mark.parametrize(
    ("raised", "heard"), [(ValueError, ValueError), (StopIteration, RuntimeError), (SystemExit, SystemExit)]
)
async def test_what_a_call_raises_its_handler_hears(raised: type[BaseException], heard: type[BaseException]) -> None:
    def fail(_event: object) -> object:
        raise raised("no")

    async with in_threads(fail, 1, "raising", 10.0) as handle:
        with pytest.raises(heard):
            await handle(1)


async def test_a_call_whose_handler_was_cancelled_keeps_its_thread_and_no_other(eventually: Eventually) -> None:
    """What had not begun is never begun; what had goes on, beside the calls that follow."""
    gate = Gate()

    def either(event: object) -> object:
        return gate(event) if event == "stuck" else event

    async with in_threads(either, 2, "stuck", 10.0) as handle:
        stuck = asyncio.ensure_future(handle("stuck"))
        await eventually(lambda: gate.inside == ["stuck"])
        stuck.cancel()
        assert [await handle(number) for number in range(3)] == [0, 1, 2]
        gate.opened.set()


async def test_a_call_that_waits_for_a_thread_can_be_cancelled(eventually: Eventually) -> None:
    gate = Gate()
    async with in_threads(gate, 1, "waiting", 10.0) as handle:
        first, second = asyncio.ensure_future(handle(1)), asyncio.ensure_future(handle(2))
        await eventually(lambda: gate.inside == [1])
        second.cancel()
        gate.opened.set()
        assert await first == 1
        assert await handle(3) == 3
    assert gate.inside == [1, 3]


async def test_it_knows_its_delivery_and_one_that_is_overdue_is_named(eventually: Eventually) -> None:
    incoming = Incoming("s", b"", None, Origin("ORDERS", 1, 17), MemorySource(RedriveSubject("s")))
    gate = Gate()

    def sequence(event: object) -> object:
        gate(event)
        return current().sequence

    enter_delivery((incoming, Shared()))
    for timeout, late in ((10.0, []), (-10.0, ["late ORDERS 17"])):
        async with in_threads(sequence, 1, "late", timeout) as handle:
            handling = asyncio.ensure_future(handle(timeout))
            await eventually(lambda: gate.inside[-1:] == [timeout])  # noqa: B023 -- it is called at once
            assert overdue() == late
            gate.opened.set()
            assert await handling == 17
        gate.opened.clear()
        assert overdue() == []


async def test_threads_end_when_they_have_nothing_to_do_any_more(eventually: Eventually) -> None:
    async with in_threads(lambda event: event, 4, "ending", 10.0) as handle:
        await asyncio.gather(*(handle(number) for number in range(100)))
        assert any(each.name.startswith("ending") for each in threading.enumerate())
    await eventually(lambda: not any(each.name.startswith("ending") for each in threading.enumerate()))


def test_a_call_that_hangs_does_not_keep_the_process_from_ending() -> None:
    """Its event was given back; whoever supervises the process waits for its end."""
    script = """
import asyncio, threading
from streamworker.engine.threads import in_threads

async def main():
    begun = threading.Event()
    async with in_threads(lambda _: (begun.set(), threading.Event().wait()), 1, "hung", 10.0) as handle:
        handling = asyncio.ensure_future(handle(1))
        while not begun.is_set():
            await asyncio.sleep(0.01)
        handling.cancel()

asyncio.run(main())
"""
    assert subprocess.run([sys.executable, "-c", script], timeout=10, check=False).returncode == 0
