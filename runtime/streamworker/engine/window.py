"""The window: how many outputs wait for their publish ack."""

from __future__ import annotations

import asyncio
from collections import deque


class Window:
    """Bounds outputs that were sent and not yet confirmed. Handlers wait for room before they publish."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.waiting = 0
        self.queue: deque[asyncio.Future[None]] = deque()

    async def room(self) -> None:
        """Return when an output may be sent."""
        while self.waiting >= self.size:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.queue.append(turn)
            await turn

    def let_in(self) -> None:
        """One output was confirmed, and somebody may be waiting for that."""
        while self.queue and self.waiting < self.size:
            turn = self.queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
