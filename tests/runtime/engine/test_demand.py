"""What a worker asks its sources for: it never stands still with a backlog."""

from __future__ import annotations

from streamworker.options import RetryOptions, WorkerOptions

from tests.conftest import Eventually
from tests.runtime.engine.test_worker_in_memory import Answered, Asked, Bench


async def test_a_key_that_fails_keeps_no_other_waiting(eventually: Eventually) -> None:
    """More events of it than are prefetched: they took all the room, and the worker stood still until the last of its attempts."""

    async def fails(event: Asked) -> Answered:
        if event.number == 1:
            raise OSError
        return Answered(number=event.number)

    retry = RetryOptions(attempts=3, shortest=60, longest=60)
    it = Bench(fails, WorkerOptions(concurrency=2, order_by="number", retry=retry), eventually)
    it.ask(*[1] * 50, *range(2, 40))
    async with it.running():
        await eventually(lambda: it.answers == list(range(2, 40)))


async def test_what_waits_for_its_key_is_bounded(eventually: Eventually) -> None:
    async def fails(_event: Asked) -> Answered:
        raise OSError

    retry = RetryOptions(attempts=3, shortest=60, longest=60)
    it = Bench(fails, WorkerOptions(concurrency=2, order_by="number", retry=retry), eventually)
    it.ask(*[1] * 2000)
    async with it.running():
        await eventually(lambda: it.worker.engine is not None and it.worker.engine.held >= 515)
        assert it.worker.engine is not None
        assert (
            it.worker.engine.held == 1 + 2 + 512
        )  # that is handled again, that are prefetched, that wait for their key
