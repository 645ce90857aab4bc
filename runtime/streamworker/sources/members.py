"""Which processes share the partitions of a worker, and which partition is whose.

Each process says in a bucket that it is there, again and again; an entry that is not renewed ends by itself. All reckon alike from what
they read there, so that nobody has to lead. Two that have read differently may both open a partition, or neither, until they read again:
what makes sure that one at a time is handed deliveries of it is the server, which pins its consumer.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from hashlib import blake2b
from typing import Final

from streamworker.jetstream.buckets import KeyValue
from streamworker.names import member_key

BEAT: Final = 2.0
"""Seconds between two looks at who is there."""

_LASTS: Final = 10.0  # seconds for which a member that says nothing counts as there
_FAREWELL: Final = 1.0  # the shortest time that an entry lasts
_GONE: Final = b""


class Members:
    """The processes that share the partitions of a worker's consumer. Each method raises BrokerError or ConnectionLost where it can't."""

    def __init__(self, bucket: KeyValue, consumer: str) -> None:
        self.own = secrets.token_hex(8)
        self._bucket = bucket
        self._key = member_key(consumer, self.own)
        self._all = member_key(consumer, "*")

    async def stay(self) -> Collection[str]:
        """Be one of them; who is."""
        await self._bucket.put(self._key, b"here", ttl=_LASTS)
        there = {
            key.rpartition(".")[2] for key, entry in (await self._bucket.get_all([self._all])).items() if entry.data
        }
        return {*there, self.own}

    async def leave(self) -> None:
        """Be none of them any more. The entry goes by itself: a deleted one would leave a mark for good."""
        await self._bucket.put(self._key, _GONE, ttl=_FAREWELL)


def shares(members: Collection[str], count: int) -> Sequence[str]:
    """Whose each partition is. Everyone has as many as the others, or one more; who comes or goes moves few beside its own (rendezvous
    hashing, with a bound)."""
    least, more = divmod(count, len(members))
    load = dict.fromkeys(members, 0)
    owners: list[str] = []
    for partition in range(count):
        ranked = sorted(members, key=lambda member: _weight(partition, member), reverse=True)
        owner = next(each for each in ranked if load[each] < least or (load[each] == least and more))
        more -= load[owner] == least
        load[owner] += 1
        owners.append(owner)
    return owners


def _weight(partition: int, member: str) -> bytes:
    return blake2b(f"{partition} {member}".encode(), digest_size=8).digest()
