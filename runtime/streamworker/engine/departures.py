"""Departures: sources that leave a worker while it goes on, as a partition does that another process is to have."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

from streamworker.delivery import Incoming, Settler
from streamworker.sources.base import OpenSource


class Departures:
    """held: the deliveries in our hands, oldest first. give_back: gives one back, unless a handler works on it. leaving: what is about to
    leave; what comes of it is not let in."""

    def __init__(self, held: Collection[Incoming], give_back: Callable[[Incoming], None]) -> None:
        self._held = held
        self._give_back = give_back
        self.leaving: dict[Settler, asyncio.Event] = {}

    async def depart(self, source: OpenSource) -> None:
        """Return when all that a source handed over is settled. What comes while it stops is held and given back after that: before,
        it would come to us again; a server that is slow may send some still later. The newest first, so that nothing starts because what
        stood before it has gone."""
        self.leaving[source] = changed = asyncio.Event()
        try:
            await source.stop()
            while held := self._of(source):
                changed.clear()
                for incoming in reversed(held):
                    self._give_back(incoming)
                await changed.wait()
        finally:
            del self.leaving[source]

    def changed(self, incoming: Incoming) -> None:
        """A delivery has come, or is settled."""
        if (leaving := self.leaving.get(incoming.settler)) is not None:
            leaving.set()

    def _of(self, source: Settler) -> list[Incoming]:
        return [incoming for incoming in self._held if incoming.settler is source]
