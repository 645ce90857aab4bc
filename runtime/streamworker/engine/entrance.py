"""The entrance of a worker: deliveries are let in as they come, but one that was handed out before only when the ledger was asked.

What comes behind such a one waits for it: it may be an output that is stored and not settled yet, whose id its stream will not remember
for ever, and newer ones would take its place in line again and again where processes are killed. The ledger is asked about many at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from operator import attrgetter

from streamworker.delivery import Incoming
from streamworker.engine.admission import came_before
from streamworker.engine.gate import Gate

_AT_ONCE = 128  # deliveries that the ledger is asked about in one request

_by_sequence = attrgetter("origin.sequence")


class Entrance:
    """admit: lets some deliveries in, in their order, and returns when they are under way or settled. enter: lets one in that is new.
    beside: runs a coroutine beside the slots. gate: of an ordered worker."""

    def __init__(
        self,
        *,
        admit: Callable[[Sequence[Incoming]], Awaitable[None]],
        enter: Callable[[Incoming], None],
        beside: Callable[[Coroutine[object, object, None]], None],
        gate: Gate | None = None,
    ) -> None:
        self._admit = admit
        self._enter = enter
        self._beside = beside
        self._gate = gate
        self._queue: deque[Incoming] = deque()
        self._busy = False

    @property
    def missing(self) -> int:
        """How many deliveries are in other hands and have to come here, as far as we know."""
        return self._gate.missing if self._gate is not None and self._gate.closed else 0

    def put(self, incoming: Incoming) -> None:
        """Let a delivery in, when its turn has come."""
        if self._gate is not None:
            self._gate.note(incoming)
        if self._busy or self._queue or came_before(incoming) or (self._gate is not None and self._gate.closed):
            self._queue.append(incoming)
            if not self._busy:
                self._busy = True
                self._beside(self._let_in())
        else:
            self._enter(incoming)

    def clear(self) -> None:
        """Nothing waits any more: all of it is settled."""
        self._queue.clear()

    async def _let_in(self) -> None:
        try:
            while self._queue:
                if self._gate is not None and self._gate.closed and await self._gate.opened(self._is_needed):
                    self._queue = deque(sorted(self._queue, key=_by_sequence))
                await self._admit(self._next())
        finally:
            self._busy = False

    def _is_needed(self) -> bool:
        """Whether something waits: what was given back does not."""
        return any(not incoming.settled for incoming in self._queue)

    def _next(self) -> list[Incoming]:
        group: list[Incoming] = []
        while self._queue and len(group) < _AT_ONCE:
            incoming = self._queue.popleft()
            if not incoming.settled:
                group.append(incoming)
        return group
