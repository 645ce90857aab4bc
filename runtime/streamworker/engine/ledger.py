"""The ledger in a bucket, so that every replica knows of every attempt."""

from __future__ import annotations

from streamworker.engine.attempts import Entry
from streamworker.jetstream.buckets import KeyValue


def ledger_bucket(pipeline: str) -> str:
    """The bucket of a pipeline's attempts. Its entries expire: an event that comes back later than that starts anew."""
    return f"{pipeline}_attempts"


class BucketLedger:
    """A `Ledger` in a key-value bucket. The last writer wins: one delivery is in one hand, and a stale hand's word does no harm."""

    def __init__(self, bucket: KeyValue) -> None:
        self._bucket = bucket

    async def read(self, key: str, /) -> Entry | None:
        found = await self._bucket.get(key)
        return Entry.from_json(found.data, found.revision) if found is not None else None

    async def write(self, key: str, entry: Entry, /) -> None:
        await self._bucket.put(key, entry.to_json())

    async def clear(self, key: str, /) -> None:
        await self._bucket.delete(key)
