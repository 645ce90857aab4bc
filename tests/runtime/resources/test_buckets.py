"""Typed buckets, in memory and on a real server."""

from __future__ import annotations

import pytest
from nats.aio.client import Client
from pydantic import BaseModel
from streamworker.actions import Retry
from streamworker.errors import ClassifyError, ContractViolation, NeverStored, RevisionConflict
from streamworker.resources import Bucket, OpenBucket, Resources
from streamworker.testing import FakeResources


class Record(BaseModel):
    title: str = ""


class Other(BaseModel):
    title: int


@pytest.fixture
def records(resources: Resources, bucket_name: str) -> OpenBucket[Record]:
    return resources.bucket(Bucket(bucket_name, "{tuner}.{program}", Record))


async def test_what_was_put_is_read_with_its_revision(records: OpenBucket[Record]) -> None:
    assert await records.get(tuner="t1", program=1) is None

    first = await records.put(Record(title="news"), tuner="t1", program=1)
    second = await records.put(Record(title="ニュース"), tuner="t1", program=1)

    entry = await records.get(tuner="t1", program=1)
    assert entry is not None
    assert (entry.value, entry.revision) == (Record(title="ニュース"), second)
    assert entry.tokens == {"tuner": "t1", "program": "1"}
    assert first < second


async def test_create_refuses_what_exists(records: OpenBucket[Record]) -> None:
    await records.create(Record(title="mine"), tuner="t1", program=1)

    with pytest.raises(
        RevisionConflict, match=r"^t1\.1 in the bucket .*records was changed by somebody else$"
    ) as raised:
        await records.create(Record(title="theirs"), tuner="t1", program=1)

    assert isinstance(raised.value, ClassifyError)
    assert raised.value.error_action == Retry(after=0)
    entry = await records.get(tuner="t1", program=1)
    assert entry is not None
    assert entry.value.title == "mine"


async def test_update_refuses_another_revision(records: OpenBucket[Record]) -> None:
    revision = await records.create(Record(title="1"), tuner="t1", program=1)
    assert await records.update(Record(title="2"), revision, tuner="t1", program=1) > revision

    with pytest.raises(RevisionConflict):
        await records.update(Record(title="3"), revision, tuner="t1", program=1)


async def test_a_deleted_entry_can_be_created_again(records: OpenBucket[Record]) -> None:
    revision = await records.create(Record(), tuner="t1", program=1)
    with pytest.raises(RevisionConflict):
        await records.delete(revision + 1, tuner="t1", program=1)
    await records.delete(revision, tuner="t1", program=1)
    await records.delete(tuner="t1", program=1)

    assert await records.get(tuner="t1", program=1) is None
    await records.create(Record(), tuner="t1", program=1)


async def test_entries_can_be_listed_by_some_of_their_tokens(records: OpenBucket[Record]) -> None:
    for tuner, program in [("t1", 1), ("t1", 2), ("t2", 1)]:
        await records.put(Record(title=f"{tuner} {program}"), tuner=tuner, program=program)
    await records.delete(tuner="t1", program=2)

    assert sorted([key["tuner"] async for key in records.keys(program=1)]) == ["t1", "t2"]
    assert [key async for key in records.keys(tuner="t3")] == []
    assert sorted([entry.value.title async for entry in records.entries()]) == ["t1 1", "t2 1"]


async def test_other_clients_read_and_write_the_same(
    records: OpenBucket[Record], resources: Resources, nats_client: Client, bucket_name: str
) -> None:
    if isinstance(resources, FakeResources):
        pytest.skip("memory has no other clients")
    other = await nats_client.jetstream().key_value(bucket_name)

    revision = await records.put(Record(title="ours"), tuner="t1", program=1)
    read = await other.get("t1.1")
    assert (read.value, read.revision) == (b'{"title":"ours"}', revision)

    await other.put("t1.1", b'{"title":"theirs"}')
    entry = await records.get(tuner="t1", program=1)
    assert entry is not None
    assert entry.value.title == "theirs"

    await other.delete("t1.1")
    assert await records.get(tuner="t1", program=1) is None
    await records.create(Record(), tuner="t1", program=1)


async def test_a_stored_value_that_its_contract_refuses_is_an_error(
    records: OpenBucket[Record], bucket_name: str, resources: Resources
) -> None:
    await resources.bucket(Bucket(bucket_name, "{tuner}.{program}", Other)).put(Other(title=7), tuner="t1", program=1)

    with pytest.raises(ContractViolation, match=r"^not a Record: at /title: "):
        await records.get(tuner="t1", program=1)


async def test_a_value_over_the_limit_is_refused_before_it_is_sent(records: OpenBucket[Record]) -> None:
    largest = Record(title="x" * (1_000_000 - len(b'{"title":""}')))
    await records.put(largest, tuner="t1", program=1)

    with pytest.raises(
        NeverStored, match="records: a value of 1,000,001 bytes is over the limit of 1,000,000\n  split it"
    ):
        await records.put(Record(title=largest.title + "x"), tuner="t1", program=1)
