from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from traceback import format_exception

import pytest
from streamworker.errors import ConfigurationError, HandlerTimeout
from streamworker.handler import Item
from streamworker.middleware import Timeout
from streamworker.spec import bound

from tests.runtime.middleware.workers import Order, biller, packer, work


async def test_a_handler_that_runs_too_long_is_ended() -> None:
    ended = asyncio.Event()

    async def slow(_event: str) -> str:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()
        return "never"

    with pytest.raises(HandlerTimeout, match=r"longer than 0\.01 s"):
        await Timeout(0.01)(slow)("x")
    assert ended.is_set()


async def test_a_handler_in_time_is_left_alone() -> None:
    async def quick(event: str) -> str:
        await asyncio.sleep(0)
        return event

    assert await Timeout(60)(quick)("x") == "x"


async def test_a_timeout_of_the_handlers_own_passes_as_it_is() -> None:
    async def impatient(_event: str) -> None:
        async with asyncio.timeout(0):
            await asyncio.sleep(60)

    with pytest.raises(TimeoutError):
        await Timeout(60)(impatient)("x")


async def test_who_cancels_from_outside_is_heard() -> None:
    """A shutdown is no timeout."""
    running = asyncio.Event()

    async def waits(_event: str) -> None:
        running.set()
        await asyncio.sleep(60)

    task = asyncio.ensure_future(Timeout(60)(waits)("x"))
    await running.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_it_is_told_where_the_handler_stood() -> None:
    async def stands_here(_event: str) -> None:
        await asyncio.sleep(60)

    with pytest.raises(HandlerTimeout) as raised:
        await Timeout(0.01)(stands_here)("x")
    assert "in stands_here" in "".join(format_exception(raised.value))


async def test_a_handler_that_runs_too_long_is_a_failed_attempt() -> None:
    calls: list[int] = []

    @biller.with_middleware(Timeout(0.01)).handler
    async def bill(order: Order) -> None:
        calls.append(order.number)
        await asyncio.sleep(0 if len(calls) > 1 else 60)

    stats = await work(bound(biller, bill), 7)
    assert (calls, stats.retried, stats.acked) == ([7, 7], 1, 1)


async def test_of_a_batch_only_those_are_retried_of_which_nothing_was_said() -> None:
    batches: list[list[int]] = []

    @packer.with_middleware(Timeout(0.01)).handler
    async def pack(items: Sequence[Item[Order, None]]) -> None:
        batches.append([item.event.number for item in items])
        items[0].done(None)
        await asyncio.sleep(0 if len(batches) > 1 else 60)

    stats = await work(bound(packer, pack), 1, 2, 3)
    first, *later = batches
    assert (first, sorted(number for batch in later for number in batch)) == ([1, 2, 3], [2, 3])
    assert (stats.retried, stats.acked) == (2, 3)


async def test_a_blocking_handler_that_runs_too_long_is_a_failed_attempt() -> None:
    may_end = threading.Event()
    calls: list[int] = []

    @biller.with_middleware(Timeout(0.05)).blocking
    def bill(order: Order) -> None:
        calls.append(order.number)
        if len(calls) == 1:
            may_end.wait(10)

    try:
        stats = await work(bound(biller, bill), 7)
    finally:
        may_end.set()
    assert (calls, stats.retried, stats.acked) == ([7, 7], 1, 1)


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_a_timeout_has_a_length(seconds: float) -> None:
    with pytest.raises(ConfigurationError, match="more than 0 seconds"):
        Timeout(seconds)
