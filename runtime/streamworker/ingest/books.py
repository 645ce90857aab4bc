"""The books of an ingest: what became of every frame."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

_NAMES = 100
_OTHERS = "(others)"


@dataclass(slots=True)
class Books:
    """Counters since the process started. Each frame received is in exactly one of published, refused, dropped and waiting.

    published: stored on its subject, of which duplicates already were. refused: stored as a dead letter. dropped: by a policy that
    says ignore, counted by event name. waiting: handed over, and not confirmed as stored yet.
    """

    received: int = 0
    published: int = 0
    duplicates: int = 0
    refused: int = 0
    dropped: int = 0
    waiting: int = 0
    dropped_names: Counter[str] = field(default_factory=Counter)

    def receive(self) -> None:
        self.received += 1
        self.waiting += 1

    def publish(self, *, duplicate: bool) -> None:
        self.waiting -= 1
        self.published += 1
        self.duplicates += duplicate

    def refuse(self) -> None:
        self.waiting -= 1
        self.refused += 1

    def drop(self, event: str) -> bool:
        """Whether it is the first of its name. A feed may think of any number of names: a hundred are counted apart."""
        self.waiting -= 1
        self.dropped += 1
        if event not in self.dropped_names and len(self.dropped_names) >= _NAMES:
            event = _OTHERS
        self.dropped_names[event] += 1
        return self.dropped_names[event] == 1
