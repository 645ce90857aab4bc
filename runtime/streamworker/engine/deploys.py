"""Which replica's contract is current: the last one started. Decided in a bucket, which every replica reads when it can't decode."""

from __future__ import annotations

import logging

from streamworker.errors import StreamworkerError
from streamworker.jetstream.buckets import KeyValue

_log = logging.getLogger("streamworker.deploys")


class Deploy:
    """This replica's contract for one worker. contract: the hash of the worker's source schemas."""

    def __init__(self, bucket: KeyValue, worker: str, contract: str) -> None:
        self._bucket = bucket
        self._worker = worker
        self._contract = contract

    async def announce(self) -> None:
        """Be the last one started."""
        await self._bucket.put(self._worker, self._contract.encode())

    async def is_current(self) -> bool:
        """Whether no replica with another contract started after us. Where that can't be told, it is not: nothing is lost by giving back."""
        try:
            found = await self._bucket.get(self._worker)
        except StreamworkerError as trouble:
            _log.warning("can't tell which contract is current: %s", trouble)
            return False
        return found is None or found.data == self._contract.encode()
