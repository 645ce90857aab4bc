"""How far an ingest has come, kept in a bucket for who goes on after it: a feed's last id, a timer's last tick."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from streamworker.errors import BrokerError, ConnectionLost
from streamworker.resources.backend import RawEntry

_logger = logging.getLogger(__name__)
_AGAIN = 1.0


class MarkBucket(Protocol):
    """What a mark needs of a bucket."""

    async def get(self, key: str, /) -> RawEntry | None: ...
    async def put(self, key: str, data: bytes, /) -> int: ...


class Mark:
    """The mark of one ingest. Only who holds its lease writes it."""

    def __init__(self, bucket: MarkBucket, name: str) -> None:
        self._bucket = bucket
        self._key = f"{name}.mark"
        self._known = ""

    async def read(self) -> str:
        """The last mark, however long it takes to read it; empty where there is none."""
        while True:
            try:
                entry = await self._bucket.get(self._key)
            except (BrokerError, ConnectionLost) as trouble:
                _logger.warning("%s: can't be read: %s", self._key, trouble)
                await asyncio.sleep(_AGAIN)
            else:
                self._known = entry.data.decode("utf-8", "replace") if entry else ""
                return self._known

    async def write(self, mark: str) -> None:
        """Keep it if it is another. If that fails, what was stored since the last one is read again by who takes over."""
        if mark == self._known:
            return
        try:
            await self._bucket.put(self._key, mark.encode())
        except (BrokerError, ConnectionLost) as trouble:
            _logger.warning("%s: can't be written: %s", self._key, trouble)
        else:
            self._known = mark
