"""The ledger: what was tried with an event, known to every replica.

The server's delivery count also counts give-backs, crashes and lost acks, so it only says "look in the ledger". An entry is
written when an attempt fails, and for a start that may end the process where the journal may not outlive that; a first delivery
never touches it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Protocol

from streamworker.delivery import Origin
from streamworker.letters import Attempt
from streamworker.places import place_of, text_of

_TEXT = 500  # characters kept of an error's text
_KEPT = 20  # attempts kept in full


@dataclass(frozen=True)
class Entry:
    """failed: attempts that failed. starts: starts since then that nobody saw end; with any, the event is a suspect. deaths: processes
    that it ended while nothing else ran in them."""

    failed: int = 0
    starts: int = 0
    deaths: int = 0
    attempts: tuple[Attempt, ...] = ()
    revision: int = field(default=0, compare=False)

    def with_start(self) -> Entry:
        return replace(self, starts=self.starts + 1)

    def with_death(self) -> Entry:
        return replace(self, deaths=self.deaths + 1)

    def with_failure(self, error: BaseException) -> Entry:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        attempt = Attempt(at, type(error).__qualname__, text_of(error)[:_TEXT], place_of(error))
        return replace(self, failed=self.failed + 1, starts=0, attempts=(*self.attempts, attempt)[-_KEPT:])

    def to_json(self) -> bytes:
        return json.dumps({**asdict(self), "revision": None}).encode()

    @classmethod
    def from_json(cls, data: bytes, revision: int) -> Entry:
        """Raises ValueError where `data` is no entry."""
        try:
            value = json.loads(data)
            attempts = tuple(Attempt(**each) for each in value["attempts"])
            return cls(value["failed"], value["starts"], value["deaths"], attempts, revision)
        except (KeyError, TypeError) as error:
            raise ValueError(f"not an entry of the ledger: {error!r}") from error


class Ledger(Protocol):
    """Where entries are kept. Each method raises BrokerError or ConnectionLost where it can't."""

    async def read(self, key: str, /) -> Entry | None: ...
    async def read_all(self, keys: Sequence[str], /) -> Mapping[str, Entry]: ...
    async def write(self, key: str, entry: Entry, /) -> None: ...
    async def clear(self, key: str, /) -> None: ...


class MemoryLedger:
    """A ledger of this process alone: for sources that don't outlive it."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}

    async def read(self, key: str, /) -> Entry | None:
        return self._entries.get(key)

    async def read_all(self, keys: Sequence[str], /) -> Mapping[str, Entry]:
        return {key: self._entries[key] for key in keys if key in self._entries}

    async def write(self, key: str, entry: Entry, /) -> None:
        self._entries[key] = entry

    async def clear(self, key: str, /) -> None:
        self._entries.pop(key, None)


def key(worker: str, origin: Origin, redriven: int) -> str:
    """An entry's key. Stream and worker names have no dot; the creation tells recreated streams apart, and a redriven event
    has its attempts anew."""
    place = f"{worker}.{origin.stream}.{origin.created:x}.{origin.sequence}"
    return f"{place}.{redriven}" if redriven else place
