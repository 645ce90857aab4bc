"""mirakc's ids, taken apart."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RecordName:
    """A record's id: 16 hex digits of when it started, 16 of its program's id."""

    text: str

    @property
    def started(self) -> int:
        """Milliseconds since 1970."""
        return int(self.text[:16], 16)

    @property
    def program_id(self) -> int:
        return int(self.text[16:], 16)
