"""Slots: the tasks in which handlers run.

A slot takes the next piece of work and awaits it. Work that never suspends costs no switch of tasks (a task for each delivery
would cost several microseconds, a tenth of all that one takes); work that does suspend leaves the queue to the next slot.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Generic, TypeVar, cast

W = TypeVar("W")

_AGAIN = 1.0  # seconds that cancelled work has to end; then it is cancelled again
_IN_A_ROW = 0.002  # seconds of work that never suspends before the event loop may breathe: by time, since a batch is a hundred events


class Slots(Generic[W]):
    """`count` tasks over one queue. `work` is told in which task it runs; it must not raise, but for its own cancellation."""

    def __init__(self, count: int, work: Callable[[W, asyncio.Task[object]], Awaitable[None]]) -> None:
        self.queue: deque[W] = deque()
        self.suspects: deque[W] = deque()
        self.running = 0
        self._count = count
        self._work = work
        self._alone = False
        self._idle: list[asyncio.Future[None]] = []
        self._waking = False
        self._breathe_at = 0.0
        self._breathing = False
        self._tasks: list[asyncio.Task[None]] = []

    def open(self, name: str) -> Sequence[asyncio.Task[None]]:
        """The tasks: what one of them raises is an error of our own, and nobody else would miss it."""
        self._tasks = [asyncio.create_task(self._slot(), name=f"{name}:{number}") for number in range(self._count)]
        return self._tasks

    def put(self, work: W) -> None:
        self.queue.append(work)
        if not self._waking:
            self._wake()

    def put_alone(self, work: W) -> None:
        """Run `work` while nothing else runs here: it may be what killed the process before."""
        self.suspects.append(work)
        self._wake()

    async def close(self) -> None:
        """End the tasks; work that still runs is cancelled, and again where it took no notice: its slot went on."""
        left = set(self._tasks)
        while left:
            for task in left:
                task.cancel()
            _, left = await asyncio.wait(left, timeout=_AGAIN)
        self._tasks = []

    async def _slot(self) -> None:
        """One function, since each of its steps in one of its own took 1.5 us of an event in all."""
        task = cast("asyncio.Task[object]", asyncio.current_task())  # asked once: it costs a system call on Python 3.11
        while True:
            if self._breathing or self._alone or not (self.queue or self.suspects) or (self.suspects and self.running):
                await self._sleep()
                continue
            if self.suspects:
                self._alone = True
                work = self.suspects.popleft()
            else:
                work = self.queue.popleft()
                if self.queue and not self._waking:
                    self._wake()  # should this work suspend, another slot goes on
            self.running += 1
            try:
                await self._work(work, task)
            finally:
                self.running -= 1
                self._alone = False
            if monotonic() > self._breathe_at:
                await self._breathe()

    async def _breathe(self) -> None:
        """Let the event loop go round once. No other slot takes this one's place meanwhile: the turn is other workers'."""
        self._breathing = True
        try:
            await asyncio.sleep(0)
        finally:
            self._breathing = False
        self._breathe_at = monotonic() + _IN_A_ROW

    async def _sleep(self) -> None:
        awake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._idle.append(awake)
        try:
            await awake
        finally:
            self._waking = False
            if awake in self._idle:
                self._idle.remove(awake)
        self._breathe_at = monotonic() + _IN_A_ROW

    def _wake(self) -> None:
        """One slot, which is enough for work that never suspends. Where it does, as many as run already: one for each round of the event
        loop would take a thousand rounds, and those are long where several workers share it."""
        if self._idle and not self._waking:
            self._waking = True
            for _ in range(min(len(self._idle), max(1, min(self.running, len(self.queue))))):
                self._idle.pop().set_result(None)
