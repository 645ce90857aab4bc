"""Dead letters of an ingest that an operator has sent back to it: each is handed over anew, as it came."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from streamworker.delivery import Incoming, Settler
from streamworker.errors import BrokerError, ConnectionLost, StreamworkerError
from streamworker.sources.base import ConsumerOptions, EventSource, OpenSource

_logger = logging.getLogger(__name__)
_AT_ONCE = 16
_LOOK = 1.0  # seconds between two tries to open it, and two looks whether there is room


class Returns:
    """The receiver of what comes back. source: None where nothing can. take_back: takes a delivery over and sees that it is acked;
    raises KeyError for what never was a letter of this ingest. free: how many more may wait for their acks."""

    def __init__(
        self,
        source: EventSource[object] | None,
        durable: str,
        take_back: Callable[[Incoming], None],
        free: Callable[[], int],
    ) -> None:
        self._source = source
        self._options = ConsumerOptions(durable=durable)
        self._take_back = take_back
        self._free = free
        self._session: OpenSource | None = None

    async def run(self) -> None:
        """Take letters back, until it is cancelled; then `close`."""
        while True:
            if self._session is None and self._source is not None:
                self._session = await self._opened(self._source)
            elif self._session is not None and self._free():
                self._session.wake()
            await asyncio.sleep(_LOOK)

    async def stop(self) -> None:
        """Take nothing more; what was taken is still acked."""
        if self._session is not None:
            await self._session.stop()

    async def close(self) -> None:
        """End it. What was not acked comes again to who opens it next."""
        session, self._session = self._session, None
        if session is None:
            return
        try:
            await session.settled()
        except ConnectionLost as trouble:
            _logger.debug("acks of redriven letters may come late: %s", trouble)
        await session.close()

    def receive(self, incoming: Incoming, /) -> None:
        try:
            self._take_back(incoming)
        except KeyError as missing:
            _logger.warning("a redriven letter was none of this ingest: it has no %s", missing)
            incoming.settler.term(incoming, "no letter of this ingest")

    def demand(self) -> int:
        return min(_AT_ONCE, self._free())

    def lost(self, _settler: Settler, reason: str, /) -> None:
        _logger.warning("redriven letters: %s", reason)

    async def release(self, part: OpenSource, /) -> None:
        await part.stop()

    def failed(self, error: StreamworkerError, /) -> None:
        _logger.error("redriven letters can't be taken back: %s", error)

    async def _opened(self, source: EventSource[object]) -> OpenSource | None:
        try:
            return await source.open(self, self._options)
        except (BrokerError, ConnectionLost) as trouble:
            _logger.warning("redriven letters can't be taken back yet: %s", trouble)
            return None
