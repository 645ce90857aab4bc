"""The entrance of an ordered worker: deliveries are let in one by one, in the order of their stream.

Only one process at a time is handed deliveries (the consumer is pinned), but the one before it may have left some unsettled, which come
back after newer ones. So whoever takes over lets nothing in until all that is unsettled anywhere is in its own hands. That it took over
shows in the consumer's own count of what it has handed out, which then has a gap.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine

from streamworker.delivery import Incoming
from streamworker.errors import StreamworkerError
from streamworker.sources.base import OpenSource

_LOOK_EVERY = 0.2


class Entrance:
    """admit: lets in what was handed out before, and returns when it is under way or settled. enter: lets in the others. held: how many
    deliveries of a source are in our hands. beside: runs a coroutine beside the slots."""

    def __init__(
        self,
        *,
        admit: Callable[[Incoming], Awaitable[None]],
        enter: Callable[[Incoming], None],
        held: Callable[[OpenSource], int],
        beside: Callable[[Coroutine[object, object, None]], None],
        log: logging.Logger,
    ) -> None:
        self._admit = admit
        self._enter = enter
        self._held = held
        self._beside = beside
        self._log = log
        self._session: OpenSource | None = None
        self._queue: deque[Incoming] = deque()
        self._handed_out = 0
        self._gap = True
        self._busy = False

    @property
    def waiting(self) -> int:
        """Deliveries that wait for older ones of others: beside them there must be room, or those would never come."""
        return len(self._queue) if self._gap else 0

    def open(self, session: OpenSource) -> None:
        """Deliveries come from here; what has come so far waits until it is known whether it is all."""
        self._session = session
        self._work()

    def take_back(self) -> list[Incoming]:
        """What has not been let in."""
        waiting = list(self._queue)
        self._queue.clear()
        return waiting

    def put(self, incoming: Incoming) -> None:
        """Let a delivery in, when its turn has come."""
        if self._session is not None and not incoming.redriven:
            handed_out = self._session.handed_out(incoming.reply)
            self._gap = self._gap or handed_out != self._handed_out + 1
            self._handed_out = handed_out
        if not self._queue and not self._gap and not self._busy and incoming.delivered == 1 and not incoming.redriven:
            self._enter(incoming)
            return
        self._queue.append(incoming)
        self._work()

    def _work(self) -> None:
        if self._session is not None and not self._busy and self._queue:
            self._busy = True
            self._beside(self._let_in(self._session))

    async def _let_in(self, session: OpenSource) -> None:
        try:
            while self._queue:
                if self._gap:
                    await self._all_back(session)
                incoming = self._queue.popleft()
                if incoming.settled:
                    continue
                if incoming.delivered > 1 or incoming.redriven:
                    await self._admit(incoming)
                else:
                    self._enter(incoming)
        finally:
            self._busy = False

    async def _all_back(self, session: OpenSource) -> None:
        """Return when all that is unsettled is in our hands; what waits is then in order."""
        told = False
        while True:
            self._gap = False
            try:
                if await session.outstanding() <= self._held(session):
                    break
            except StreamworkerError as trouble:
                self._log.warning("can't tell whether older events are elsewhere: %s", trouble)
            if not told:
                self._log.info("waits for older events that another process was handed")
                told = True
            self._gap = True
            await asyncio.sleep(_LOOK_EVERY)
            if not self._queue:
                return
        self._queue = deque(sorted(self._queue, key=lambda incoming: incoming.origin.sequence))
