"""The ledger in a bucket, so that every replica knows of every attempt."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from streamworker.engine.attempts import Entry
from streamworker.jetstream.buckets import KeyValue
from streamworker.resources.backend import RawEntry

_log = logging.getLogger("streamworker.ledger")
_AT_ONCE = 512  # keys in one request; the server takes 1,024


class BucketLedger:
    """A `Ledger` in a key-value bucket. The last writer wins: one delivery is in one hand, and a stale hand's word does no harm."""

    def __init__(self, bucket: KeyValue) -> None:
        self._bucket = bucket

    async def read(self, key: str, /) -> Entry | None:
        found = await self._bucket.get(key)
        return _entry(found) if found is not None else None

    async def read_all(self, keys: Sequence[str], /) -> Mapping[str, Entry]:
        entries = {}
        for start in range(0, len(keys), _AT_ONCE):
            for key, found in (await self._bucket.get_all(keys[start : start + _AT_ONCE])).items():
                if (entry := _entry(found)) is not None:
                    entries[key] = entry
        return entries

    async def write(self, key: str, entry: Entry, /) -> None:
        await self._bucket.put(key, entry.to_json())

    async def clear(self, key: str, /) -> None:
        await self._bucket.delete(key)


def _entry(found: RawEntry) -> Entry | None:
    try:
        return Entry.from_json(found.data, found.revision)
    except ValueError as error:
        _log.warning("an entry that can't be read counts as none: %s", error)
        return None
