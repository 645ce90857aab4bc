"""The ledger in a bucket, so that every replica knows of every attempt."""

from __future__ import annotations

import logging

from streamworker.engine.attempts import Entry
from streamworker.jetstream.buckets import KeyValue

_log = logging.getLogger("streamworker.ledger")


class BucketLedger:
    """A `Ledger` in a key-value bucket. The last writer wins: one delivery is in one hand, and a stale hand's word does no harm."""

    def __init__(self, bucket: KeyValue) -> None:
        self._bucket = bucket

    async def read(self, key: str, /) -> Entry | None:
        found = await self._bucket.get(key)
        if found is None:
            return None
        try:
            return Entry.from_json(found.data, found.revision)
        except ValueError as error:
            _log.warning("an entry that can't be read counts as none: %s", error)
            return None

    async def write(self, key: str, entry: Entry, /) -> None:
        await self._bucket.put(key, entry.to_json())

    async def clear(self, key: str, /) -> None:
        await self._bucket.delete(key)
