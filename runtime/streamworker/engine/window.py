"""The window: how many outputs wait for their publish ack."""

from __future__ import annotations

import asyncio
from collections import deque


class Window:
    """Bounds outputs that were sent and not yet confirmed. Handlers wait for room before they publish."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.waiting = 0
        self._queue: deque[asyncio.Future[None]] = deque()

    async def room(self) -> None:
        """Return when an output may be sent."""
        while self.waiting >= self.size:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._queue.append(turn)
            await turn

    def confirmed(self) -> None:
        """One output was confirmed."""
        self.waiting -= 1
        while self._queue and self.waiting < self.size:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
