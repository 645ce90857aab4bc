"""Who shares partitions, and whose each is."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamworker.jetstream.api import Api
from streamworker.jetstream.buckets import KeyValue
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.options import ConnectionOptions
from streamworker.jetstream.plan import wanted_bucket
from streamworker.jetstream.provision import provision
from streamworker.sources.members import Members, shares

from tests.conftest import Eventually
from tests.servers import NatsServer

members = st.sets(st.text("0123456789abcdef", min_size=4, max_size=4), min_size=1, max_size=12)


@given(members, st.integers(1, 40))
def test_every_partition_has_one_owner_and_everyone_as_many_as_the_others_or_one_more(
    them: set[str], count: int
) -> None:
    owners = shares(them, count)
    loads = Counter(dict.fromkeys(them, 0))
    loads.update(owners)
    assert (len(owners), set(owners) <= them) == (count, True)
    assert max(loads.values()) - min(loads.values()) <= 1


@given(
    st.lists(st.text("0123456789abcdef", min_size=4, max_size=4), min_size=1, max_size=12, unique=True), st.randoms()
)
def test_all_reckon_alike_in_whatever_order_they_read(them: list[str], chance: object) -> None:
    assert shares(them, 16) == shares(list(reversed(them)), 16)


def test_who_comes_moves_little_beside_its_own_share() -> None:
    """Of 64 partitions of 4 members a fifth takes 12 or 13; dealt out anew, some 51 would move."""
    moved = []
    for trial in range(50):
        them = [f"{trial}-{each}" for each in range(5)]
        before, after = shares(them[:4], 64), shares(them, 64)
        moved.append(sum(one != other for one, other in zip(before, after, strict=True)))
    assert sum(moved) / len(moved) < 30


@pytest.fixture
async def bucket(nats_server: NatsServer, prefix: str) -> AsyncIterator[Callable[[], KeyValue]]:
    connection = Connection(ConnectionOptions(url=nats_server.url))
    await connection.open()
    await provision(Api(connection), [wanted_bucket(f"{prefix}_leases", "tests")])
    yield lambda: KeyValue(connection, f"{prefix}_leases")
    await connection.close()


async def test_members_see_each_other_and_who_has_left_is_none_any_more(
    bucket: Callable[[], KeyValue], eventually: Eventually
) -> None:
    one, other, third = Members(bucket(), "shop-a"), Members(bucket(), "shop-a"), Members(bucket(), "shop-b")
    assert await one.stay() == {one.own}
    await third.stay()
    assert await other.stay() == await one.stay() == {one.own, other.own}
    await other.leave()
    assert await one.stay() == {one.own}

    async def leaves_no_trace() -> bool:
        keys = bucket().keys()
        return {key async for key in keys} == {f"shop-a.{one.own}", f"shop-b.{third.own}"}

    await eventually(leaves_no_trace, within=10)
