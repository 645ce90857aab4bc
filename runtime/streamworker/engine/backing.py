"""What outlives a process behind a worker: its ledger, its dead letters, what was redriven, which contract is current."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from streamworker.engine.attempts import Ledger, MemoryLedger
from streamworker.letters import Letter, LetterBox
from streamworker.sources.base import EventSource


async def _always() -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Backing:
    """ledger: attempts. letters: where dead letters go. redrives: the source of letters that were sent back to this worker.
    is_current: whether this replica's contract is the newest."""

    ledger: Ledger
    letters: LetterBox
    redrives: EventSource[object] | None = None
    is_current: Callable[[], Awaitable[bool]] = _always


@dataclass(frozen=True)
class MemoryLetters:
    """Dead letters of this process alone, in order."""

    letters: list[Letter] = field(default_factory=list)

    async def store(self, letter: Letter, _id: str, /) -> None:
        self.letters.append(letter)


@asynccontextmanager
async def in_memory() -> AsyncIterator[Backing]:
    """A backing that lasts as long as the process: for sources that can't deliver again what a process lost."""
    yield Backing(ledger=MemoryLedger(), letters=MemoryLetters())
