"""Leases on a real server: one process at a time, and the next when it ends, dies or falls silent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from streamworker.errors import ConnectionLost
from streamworker.ingest.lease import Lease
from streamworker.jetstream.api import Api
from streamworker.jetstream.buckets import KeyValue
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.options import ConnectionOptions
from streamworker.jetstream.plan import wanted_bucket
from streamworker.jetstream.provision import provision

from tests.conftest import Eventually
from tests.servers import NatsServer


@pytest.fixture
async def bucket(nats_server: NatsServer, prefix: str) -> AsyncIterator[KeyValue]:
    connection = Connection(ConnectionOptions(url=nats_server.url))
    await connection.open()
    await provision(Api(connection), [wanted_bucket(f"{prefix}_leases", prefix)])
    yield KeyValue(connection, f"{prefix}_leases")
    await connection.close()


class Workman:
    """Works until told to stop, and keeps count of those at work beside it."""

    at_work: list[str]

    def __init__(self, name: str, at_work: list[str]) -> None:
        self.name = name
        self.at_work = at_work
        self.stop = asyncio.Event()

    async def work(self) -> None:
        self.at_work.append(self.name)
        try:
            await self.stop.wait()
        finally:
            self.at_work.remove(self.name)


def begin(lease: Lease, man: Workman) -> asyncio.Task[None]:
    work: Callable[[], Awaitable[None]] = man.work
    return asyncio.create_task(lease.while_held(work, man.stop))


async def test_one_works_and_the_other_follows_when_it_ends(bucket: KeyValue, eventually: Eventually) -> None:
    at_work: list[str] = []
    first, second = Workman("first", at_work), Workman("second", at_work)
    tasks = [begin(Lease(bucket, "feed", ttl=3), first)]
    await eventually(lambda: at_work == ["first"])
    tasks.append(begin(Lease(bucket, "feed", ttl=3), second))
    await asyncio.sleep(0)
    first.stop.set()
    await eventually(lambda: at_work == ["second"])
    second.stop.set()
    await asyncio.gather(*tasks)


async def test_who_is_gone_without_a_word_is_followed_when_its_time_is_up(
    bucket: KeyValue, eventually: Eventually
) -> None:
    await bucket.create("feed", b"a dead process", ttl=3)
    at_work: list[str] = []
    man = Workman("heir", at_work)
    task = begin(Lease(bucket, "feed", ttl=3), man)
    await eventually(lambda: at_work == ["heir"], within=10)
    man.stop.set()
    await task


async def test_work_that_is_cancelled_since_the_lease_is_lost_knows_that(
    bucket: KeyValue, eventually: Eventually
) -> None:
    lease, stop, held = Lease(bucket, "feed", ttl=3), asyncio.Event(), list[bool]()

    async def work() -> None:
        held.append(lease.held)
        try:
            await asyncio.Event().wait()
        finally:
            held.append(lease.held)

    task = asyncio.create_task(lease.while_held(work, stop))
    await eventually(lambda: held == [True])
    await bucket.put("feed", b"another", ttl=60)
    await eventually(lambda: held == [True, False], within=5)
    stop.set()
    await task


async def test_who_loses_it_stops_at_once(bucket: KeyValue, eventually: Eventually) -> None:
    at_work: list[str] = []
    man = Workman("robbed", at_work)
    lease = Lease(bucket, "feed", ttl=3)
    task = begin(lease, man)
    await eventually(lambda: at_work == ["robbed"])
    await bucket.put("feed", b"another", ttl=60)
    await eventually(lambda: at_work == [], within=5)
    assert not lease.held
    man.stop.set()
    await task
    found = await bucket.get("feed")
    assert found is not None
    assert found.data == b"another"


class Unreachable:
    """A bucket that took one entry, and can't be reached since."""

    def __init__(self, *, hangs: bool) -> None:
        self._hangs = hangs
        self._taken = False

    async def create(self, _key: str, _data: bytes, /, *, ttl: float | None = None) -> int:
        if self._taken:
            raise ConnectionLost("nats://x", 1, "gone")
        self._taken = True
        return 1

    async def update(self, _key: str, _data: bytes, _revision: int, /, *, ttl: float | None = None) -> int:
        if self._hangs:
            await asyncio.Event().wait()
        raise ConnectionLost("nats://x", 1, "gone")

    async def delete(self, _key: str, _revision: int | None = None, /) -> None:
        raise ConnectionLost("nats://x", 1, "gone")


@pytest.mark.parametrize("hangs", [False, True])
async def test_who_cannot_renew_stops_before_its_time_is_up(hangs: bool, eventually: Eventually) -> None:
    at_work: list[str] = []
    man = Workman("cut off", at_work)
    lease = Lease(Unreachable(hangs=hangs), "feed", ttl=3)
    began = time.monotonic()
    task = begin(lease, man)
    await eventually(lambda: at_work == ["cut off"])
    await eventually(lambda: at_work == [], within=5)
    assert time.monotonic() - began < 3
    man.stop.set()
    await task
