"""Object stores, in memory and on a real server."""

from __future__ import annotations

import pytest
from nats.aio.client import Client
from streamworker.errors import NeverStored
from streamworker.resources import ObjectStore, OpenObjectStore, Resources
from streamworker.testing import FakeResources


@pytest.fixture
def images(resources: Resources, store_name: str) -> OpenObjectStore:
    return resources.objects(ObjectStore(name=store_name))


@pytest.mark.parametrize("size", [0, 1, 300_000])
async def test_an_object_comes_back_as_it_was_put(images: OpenObjectStore, size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)

    await images.put("画像 1.webp", data[:size])

    assert await images.get("画像 1.webp") == data[:size]
    assert await images.contains("画像 1.webp")


async def test_the_last_put_counts(images: OpenObjectStore) -> None:
    await images.put("a", b"old")
    await images.put("a", b"new")

    assert await images.get("a") == b"new"


async def test_what_is_not_there_is_none(images: OpenObjectStore) -> None:
    assert await images.get("a") is None
    assert not await images.contains("a")
    await images.delete("a")


async def test_a_deleted_object_has_gone(images: OpenObjectStore) -> None:
    await images.put("a", b"1")
    await images.put("b", b"2")
    await images.delete("a")

    assert await images.get("a") is None
    assert not await images.contains("a")
    assert [name async for name in images.names()] == ["b"]


async def test_an_object_needs_a_name(images: OpenObjectStore) -> None:
    with pytest.raises(NeverStored, match=r"object store .*ogp: an object needs a name"):
        await images.put("", b"")


async def test_a_name_longer_than_a_server_takes_is_refused(images: OpenObjectStore) -> None:
    await images.put("\u00e9" * 450, b"x")
    assert await images.get("\u00e9" * 450) == b"x"
    with pytest.raises(NeverStored, match="a name of 451 characters"):
        await images.put("\u00e9" * 451, b"x")


async def test_other_clients_read_and_write_the_same(
    images: OpenObjectStore, resources: Resources, nats_client: Client, store_name: str
) -> None:
    if isinstance(resources, FakeResources):
        pytest.skip("memory has no other clients")
    other = await nats_client.jetstream().object_store(store_name)

    await images.put("ours", b"x" * 200_000)
    assert (await other.get("ours")).data == b"x" * 200_000

    await other.put("theirs", b"y" * 200_000)
    assert await images.get("theirs") == b"y" * 200_000
