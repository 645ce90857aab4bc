"""Partitioned copies on a real server: behind what was handled, out of anybody's reach, and never of another stream than they say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from nats.aio.client import Client
from nats.errors import NoRespondersError
from streamworker.errors import ResourceConflict
from streamworker.jetstream.api import Api
from streamworker.jetstream.consumer import ensure_consumer
from streamworker.jetstream.copies import Split, filter_of
from streamworker.jetstream.copying import Copy, Copying, origin_of
from streamworker.sources.base import ConsumerOptions

from tests.conftest import Eventually

OPTIONS = ConsumerOptions(durable="worker", ack_wait=1.0, pinned=True)


@pytest.fixture
def options(prefix: str) -> ConsumerOptions:
    """One copy for each test: its name comes of the durable's."""
    return replace(OPTIONS, durable=f"{prefix}-worker")


def copying(api: Api, stream: str, options: ConsumerOptions, count: int = 2, *more: str) -> Copying:
    return Copying(api, stream, Split(count, dict.fromkeys((f"{stream}.*", *more), 1)), options)


async def fill(client: Client, stream: str, *tokens: str) -> None:
    for each in tokens:
        await client.jetstream().publish(f"{stream}.{each}", each.encode())


async def copied(api: Api, name: str) -> list[str]:
    info = await api.stream_info(name, subjects=">")
    return sorted(subject.split(".", 2)[2].rpartition(".")[2] for subject in info.subjects)


async def test_nobody_can_publish_into_a_copy_nor_say_where_a_message_comes_from(
    api: Api, stream: str, options: ConsumerOptions, nats_client: Client, eventually: Eventually
) -> None:
    made = copying(api, stream, options)
    await made.ensure()
    forged = {"Nats-Stream-Source": f"{stream} 99 a b c"}
    for subject in (made.name, f"0.0.{stream}.a"):
        with pytest.raises(NoRespondersError):
            await nats_client.request(subject, b"x", headers=forged)
    await nats_client.publish(f"{stream}.a", b"x", headers=forged)  # refused, or overwritten
    await fill(nats_client, stream, "b")
    await eventually(lambda: _has(api, made.name, "b"))
    info = await api.stream_info(made.name)
    for sequence in range(info.first, info.last + 1):
        assert (await origin_of(api, made.name, sequence)).sequence <= 2


async def _has(api: Api, name: str, token: str) -> bool:
    return token in await copied(api, name)


async def test_messages_of_one_id_are_both_copied(
    api: Api, stream: str, options: ConsumerOptions, nats_client: Client, eventually: Eventually
) -> None:
    """The source has stored both, its window being over: so they are two events."""
    await api.update_stream({**(await api.stream_info(stream)).config, "duplicate_window": 100_000_000})
    made = copying(api, stream, options)
    js = nats_client.jetstream()

    async def stored_twice() -> bool:
        await js.publish(f"{stream}.a", b"x", headers={"Nats-Msg-Id": "same"})
        return (await api.stream_info(stream)).messages == 2

    await eventually(stored_twice)
    await made.ensure()

    async def both() -> bool:
        return (await api.stream_info(made.name)).messages == 2

    await eventually(both)


async def test_a_worker_that_starts_with_what_is_new_has_nothing_copied_that_is_old(
    api: Api, stream: str, options: ConsumerOptions, nats_client: Client, eventually: Eventually
) -> None:
    await fill(nats_client, stream, "old", "older")
    made = copying(api, stream, replace(options, start="new"))
    await made.ensure()
    await fill(nats_client, stream, "new")
    await eventually(lambda: _has(api, made.name, "new"))
    assert await copied(api, made.name) == ["new"]


async def test_a_worker_that_had_no_partitions_goes_on_behind_what_it_has_settled(
    api: Api, stream: str, options: ConsumerOptions, nats_client: Client, eventually: Eventually
) -> None:
    """Its consumer hands out nothing more, and refuses whoever opens it."""
    await fill(nats_client, stream, "a", "b", "c", "d")
    await ensure_consumer(api, stream, [f"{stream}.*"], replace(options, pinned=False))
    pulls = await nats_client.jetstream().pull_subscribe_bind(options.durable, stream)
    first, second, _unsettled = await pulls.fetch(3, timeout=5)
    await first.ack_sync()
    await second.ack_sync()
    made = copying(api, stream, options)
    await made.ensure()
    await eventually(lambda: _has(api, made.name, "d"))
    assert await copied(api, made.name) == ["c", "d"]
    with pytest.raises(ResourceConflict, match=made.name):
        await ensure_consumer(api, stream, [f"{stream}.*"], options)


async def test_a_copy_of_a_stream_that_was_made_anew_is_refused(
    api: Api, stream: str, options: ConsumerOptions
) -> None:
    made = copying(api, stream, options)
    await made.ensure()
    config = (await api.stream_info(stream)).config
    await api.delete_stream(stream)
    await api.create_stream({key: value for key, value in config.items() if key != "metadata"})
    with pytest.raises(ResourceConflict, match=f"nats stream rm {made.name}"):
        await made.ensure()


async def test_subjects_whose_older_messages_would_be_passed_over_are_refused(
    api: Api, stream: str, options: ConsumerOptions, nats_client: Client, eventually: Eventually
) -> None:
    await fill(nats_client, stream, "late.a", "b")
    made = copying(api, stream, options)
    await made.ensure()
    await eventually(lambda: _has(api, made.name, "b"))
    with pytest.raises(ResourceConflict, match=f"the worker takes {stream}.late.\\* now"):
        await copying(api, stream, options, 2, f"{stream}.late.*").ensure()


async def test_a_copy_that_is_to_be_split_anew_waits_until_all_in_it_is_settled_and_comes_back_to_an_earlier_number(
    api: Api, stream: str, options: ConsumerOptions, nats_client: Client, eventually: Eventually
) -> None:
    await fill(nats_client, stream, "a", "b")
    found = await copying(api, stream, options, 1).ensure()
    name = copying(api, stream, options).name
    await eventually(lambda: _has(api, name, "b"))
    for count, told in ((2, "c"), (1, "d"), (2, "e")):
        wanted = copying(api, stream, options, count)
        await _settle(api, nats_client, found, options, leave=1)
        found = await wanted.ensure()
        await fill(nats_client, stream, told)
        assert (await wanted.advance(found)).state.following is not None
        await _settle(api, nats_client, found, options)
        found = await wanted.advance(found)
        assert (found.state.split.count, found.state.following) == (count, None)
        await eventually(lambda told=told: _has(api, name, told))  # type: ignore[misc]  # a default
    info = await api.stream_info(name)
    assert info.messages == 5, "each was copied once"


async def _settle(api: Api, client: Client, found: Copy, options: ConsumerOptions, leave: int = 0) -> None:
    """Ack all that waits in the partitions, but for some."""
    js = client.jetstream()
    for number in range(found.state.split.count):
        partition = replace(options.for_partition(number), pinned=False)
        info = await ensure_consumer(api, found.info.name, [filter_of(number)], partition)
        count = info.pending - leave
        leave = max(0, -count) if count < 0 else 0
        if count > 0:
            pulls = await js.pull_subscribe_bind(partition.durable, found.info.name)
            for message in await pulls.fetch(count, timeout=5):
                await message.ack_sync()
