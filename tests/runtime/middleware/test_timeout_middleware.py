from __future__ import annotations

import asyncio

import pytest
from streamworker.errors import ConfigurationError, HandlerTimeout
from streamworker.middleware import Timeout


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


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_a_timeout_has_a_length(seconds: float) -> None:
    with pytest.raises(ConfigurationError, match="more than 0 seconds"):
        Timeout(seconds)
