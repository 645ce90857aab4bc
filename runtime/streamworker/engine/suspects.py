"""Suspects: events that may have ended the process that handled them. Each is tried in a child process, so that a death proves it.

A crash has one culprit and makes suspects of all that ran beside it. So they are tried together first, which clears the innocent at the
speed of any other work; only those that were in a child when it died are tried again, each alone, and only such a death proves anything.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from streamworker.delivery import Incoming
from streamworker.engine.child import Child, Word

_TOGETHER = 32


class SuspectDied(Exception):
    """The child died, or stood still, while it handled the suspect and nothing else. Not an error of ours: it is the proof."""


class Trial(Protocol):
    """Where suspects are tried."""

    async def try_out(self, incoming: Incoming, /, *, alone: bool = False) -> Word:
        """Handle a suspect. alone: not beside others, even at first. Raises SuspectDied."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True)
class _Case:
    incoming: Incoming
    decided: asyncio.Future[Word]


class ChildTrial:
    """Tries suspects in a child that `command` starts in `environment`. timeout: seconds that one may take. together: how many a child may
    handle at once, at most."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        timeout: float,
        together: int,
        log: logging.Logger,
    ) -> None:
        self._child = Child(command, environment, log)
        self._timeout = timeout
        self._together = min(together, _TOGETHER)
        self._log = log
        self._waiting: deque[_Case] = deque()
        self._alone: deque[_Case] = deque()
        self._trying: asyncio.Task[None] | None = None
        self._count = 0

    async def try_out(self, incoming: Incoming, /, *, alone: bool = False) -> Word:
        case = _Case(incoming, asyncio.get_running_loop().create_future())
        (self._alone if alone else self._waiting).append(case)
        if self._trying is None or self._trying.done():
            self._trying = asyncio.create_task(self._try_all(), name="suspects")
        return await case.decided

    async def close(self) -> None:
        """End the child. Whoever waits for a word is cancelled."""
        if self._trying is not None:
            self._trying.cancel()
            await asyncio.wait({self._trying})
        await self._child.end()
        for case in (*self._waiting, *self._alone):
            case.decided.cancel()

    async def _try_all(self) -> None:
        while self._waiting or self._alone:
            group = self._next()
            try:
                await self._try(group)
            except BaseException:
                for case in group.values():
                    case.decided.cancel()
                raise

    def _next(self) -> dict[int, _Case]:
        """The next to be tried, by numbers of their own."""
        line, most = (self._alone, 1) if self._alone else (self._waiting, self._together)
        cases: list[_Case] = []
        while line and len(cases) < most:
            case = line.popleft()
            if not case.decided.done():  # cancelled, by who waited for it
                cases.append(case)
        numbers = range(self._count, self._count + len(cases))
        self._count += len(cases)
        return dict(zip(numbers, cases, strict=True))

    async def _try(self, group: dict[int, _Case]) -> None:
        was_alone = len(group) == 1
        try:
            if not self._child.is_alive:
                await self._child.start()
            self._log.debug("%d suspects are tried in a process of their own", len(group))
            for number, case in group.items():
                self._child.hand_over(number, case.incoming)
            async with asyncio.timeout(self._timeout):
                how = await self._hear(group)
        except (OSError, TimeoutError) as trouble:
            await self._child.end()
            how = str(trouble) or "it stood still"
        for case in group.values():
            if case.decided.done():
                continue
            if was_alone:
                case.decided.set_exception(SuspectDied(how))
            else:
                self._alone.append(case)

    async def _hear(self, group: dict[int, _Case]) -> str:
        """Take what is said of them out of `group`, all of it; how the child has ended, where it does meanwhile."""
        while group:
            said = await self._child.word()
            if said is None:
                return await self._child.how_it_ended()
            number, word = said
            case = group.pop(number, None)
            if case is not None and not case.decided.done():
                case.decided.set_result(word)
        return ""
