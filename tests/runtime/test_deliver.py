"""`deliver`: a handler that asks for its delivery is tested without a worker."""

from __future__ import annotations

import pytest
from streamworker import current
from streamworker.testing import deliver


async def test_a_handler_finds_its_delivery_and_its_callbacks_run_after_it() -> None:
    seen: list[object] = []

    async def later() -> None:
        seen.append("async")

    async def handle() -> int:
        delivery = current()
        seen.append((delivery.sequence, delivery.attempt, delivery.headers["a"]))
        delivery.on_published(lambda: seen.append("plain"))
        delivery.on_published(later)
        return 5

    assert await deliver(handle, sequence=7, attempt=2, headers={"a": "b"}) == 5
    assert seen == [(7, 2, "b"), "plain", "async"]


async def test_a_process_that_dies_runs_no_callbacks() -> None:
    seen: list[str] = []

    async def handle() -> None:
        current().on_published(lambda: seen.append("told"))

    await deliver(handle, dies=True)
    assert seen == []


async def test_publishes_by_hand_have_the_same_ids_on_a_redelivery() -> None:
    async def handle() -> list[str]:
        return [current().next_publish_id(), current().next_publish_id()]

    first = await deliver(handle, sequence=1)
    assert len(set(first)) == 2
    assert await deliver(handle, sequence=1) == first
    assert not set(await deliver(handle, sequence=2)) & set(first)


async def test_an_error_of_a_handler_or_callback_is_raised() -> None:
    async def handle() -> None:
        current().on_published(lambda: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        await deliver(handle)


async def test_the_delivery_is_gone_afterwards() -> None:
    async def handle() -> None: ...

    await deliver(handle)
    with pytest.raises(LookupError):
        current()
