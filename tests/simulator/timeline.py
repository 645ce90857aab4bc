"""Simulated time, and what is to happen in it."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable
from typing import TypeAlias

Action: TypeAlias = Callable[[], Awaitable[None]]

TICK = 0.01  # seconds of the wall clock


class Timeline:
    """Runs actions in the order of their times, one after the other: what waits for a slow reader holds up the rest.

    now: simulated milliseconds since 1970. speed: simulated seconds per second; 0 is as fast as it goes.
    """

    def __init__(self, start: int, speed: float) -> None:
        self.now = start
        self._speed = speed
        self._actions: list[tuple[int, int, Action]] = []
        self._numbers = itertools.count()

    def at(self, when: int, action: Action) -> None:
        """Have `action` run at `when`, or next if that has passed."""
        heapq.heappush(self._actions, (max(when, self.now), next(self._numbers), action))

    def after(self, delay: int, action: Action) -> None:
        self.at(self.now + delay, action)

    async def run(self, until: int | None = None) -> None:
        """Let time pass up to `until`; without it, for ever."""
        clock = asyncio.get_running_loop().time
        start, began = self.now, clock()
        while until is None or self.now < until:
            reached = start + int((clock() - began) * 1000 * self._speed) if self._speed else self._next
            await self.advance(reached if until is None else min(reached, until))
            await asyncio.sleep(TICK if self._speed else 0)

    async def advance(self, to: int) -> None:
        """Let time pass up to and including `to`, without waiting for it."""
        while self._actions and self._actions[0][0] <= to:
            self.now, _, action = heapq.heappop(self._actions)
            await action()
        self.now = max(self.now, to)

    @property
    def _next(self) -> int:
        return self._actions[0][0] if self._actions else self.now + 1000
