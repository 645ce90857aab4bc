from __future__ import annotations

import asyncio

import pytest
from streamworker.errors import BrokerError, RevisionConflict
from streamworker.jetstream.api import Api
from streamworker.jetstream.buckets import KeyValue
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.objects import Objects
from streamworker.jetstream.plan import wanted_bucket, wanted_objects
from streamworker.jetstream.provision import provision
from streamworker.resources.backend import RawBucket, RawObjects

from tests.conftest import Eventually


@pytest.fixture
async def bucket(connection: Connection, api: Api, prefix: str) -> KeyValue:
    await provision(api, [wanted_bucket(prefix, "tests")])
    return KeyValue(connection, prefix)


@pytest.fixture
async def objects(connection: Connection, api: Api, prefix: str) -> Objects:
    await provision(api, [wanted_objects(prefix, "tests")])
    return Objects(connection, prefix)


async def test_a_value_is_read_with_the_revision_that_its_write_returned(bucket: KeyValue) -> None:
    raw: RawBucket = bucket
    first = await raw.put("a.b", b"1")
    second = await raw.put("a.b", b"2")
    entry = await raw.get("a.b")
    assert second > first
    assert entry is not None
    assert (entry.key, entry.data, entry.revision) == ("a.b", b"2", second)
    assert await raw.get("a.c") is None


async def test_create_takes_only_a_key_without_value(bucket: KeyValue) -> None:
    revision = await bucket.create("k", b"1")
    with pytest.raises(RevisionConflict):
        await bucket.create("k", b"2")
    await bucket.delete("k")
    assert await bucket.get("k") is None
    assert await bucket.create("k", b"3") > revision


async def test_update_and_delete_take_only_the_last_revision(bucket: KeyValue) -> None:
    first = await bucket.create("k", b"1")
    second = await bucket.update("k", b"2", first)
    with pytest.raises(RevisionConflict):
        await bucket.update("k", b"3", first)
    with pytest.raises(RevisionConflict):
        await bucket.delete("k", first)
    await bucket.delete("k", second)
    assert await bucket.get("k") is None


async def test_one_of_many_creators_wins(bucket: KeyValue) -> None:
    outcomes = await asyncio.gather(*(bucket.create("k", bytes([n])) for n in range(20)), return_exceptions=True)
    assert sum(isinstance(outcome, int) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, RevisionConflict) for outcome in outcomes) == 19


async def test_an_entry_goes_after_its_own_ttl_and_can_be_created_again(
    bucket: KeyValue, eventually: Eventually
) -> None:
    await bucket.create("k", b"1", ttl=1)

    async def gone() -> bool:
        return await bucket.get("k") is None

    await eventually(gone)
    await bucket.create("k", b"2", ttl=1)


async def test_keys_are_those_with_a_value_and_match_the_pattern(bucket: KeyValue) -> None:
    for n in range(600):
        await bucket.put(f"a.{n}", b"x")
    await bucket.put("b.1", b"x")
    await bucket.delete("a.7")
    assert {key async for key in bucket.keys("a.*")} == {f"a.{n}" for n in range(600) if n != 7}
    assert [key async for key in bucket.keys("c.>")] == []
    assert len([key async for key in bucket.keys(">")]) == 600


async def test_a_bucket_that_is_not_there_is_an_error(connection: Connection, prefix: str) -> None:
    with pytest.raises(BrokerError):
        await KeyValue(connection, prefix).get("k")


@pytest.mark.parametrize("size", [0, 1, 128 * 1024, 1_000_000])
async def test_an_object_of_any_size_is_read_as_it_was_put(objects: Objects, size: int) -> None:
    raw: RawObjects = objects
    data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    await raw.put("name: with / anything 録画", data)
    assert await raw.get("name: with / anything 録画") == data
    assert [name async for name in raw.names()] == ["name: with / anything 録画"]


async def test_an_object_is_replaced_and_deleted_with_its_chunks(objects: Objects, api: Api, prefix: str) -> None:
    await objects.put("a", b"1" * 300_000)
    await objects.put("a", b"2" * 300_000)
    assert await objects.get("a") == b"2" * 300_000
    assert await objects.contains("a")
    await objects.delete("a")
    assert not await objects.contains("a")
    assert await objects.get("a") is None
    assert [name async for name in objects.names()] == []
    assert (await api.stream_info(f"OBJ_{prefix}")).messages == 1  # the word that it is deleted


async def test_many_keys_are_read_in_one_request(bucket: KeyValue) -> None:
    """Values that look like the server's own statuses, deleted keys and keys that never were among them."""
    await asyncio.gather(*(bucket.put(f"k.{number}", str(number).encode()) for number in range(300)))
    await bucket.put("k.1", b"")
    await bucket.delete("k.2")
    found = await bucket.get_all([f"k.{number}" for number in range(500)])
    assert {key: entry.data for key, entry in found.items()} == {
        f"k.{number}": str(number).encode() if number != 1 else b"" for number in range(300) if number != 2
    }
    assert {entry.key for entry in found.values()} == set(found)
    assert not await bucket.get_all(["never"])
    one = await bucket.get("k.7")
    assert one == found["k.7"]
