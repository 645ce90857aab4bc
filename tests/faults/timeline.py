"""What was done to the pipeline and when, so that a failure can be told as a story of one event."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

_AROUND = 1.0  # seconds within which a fault belongs to what happened to an event
_SHOWN = 40  # lines of a timeline in a failure


@dataclass
class Timeline:
    """seed: what the run was made of. trace: the file in which handlers note what they start, `TIME PID NUMBER` a line."""

    seed: int
    trace: Path
    faults: list[tuple[float, str]] = field(default_factory=list)

    def note(self, what: str) -> None:
        self.faults.append((time.time(), what))

    def count(self, what: str) -> int:
        """How many notes begin so."""
        return sum(text.startswith(what) for _, text in self.faults)

    def of(self, number: int, stored: list[tuple[float, str]]) -> str:
        """The story of an event: its starts, what was stored of it, and the faults around them."""
        own = sorted([*self._starts(number), *stored])
        around = [each for each in self.faults if any(abs(each[0] - at) < _AROUND for at, _ in own)]
        lines = [f"  {at:.3f} {text}" for at, text in sorted([*own, *around])]
        return f"event {number}:\n" + "\n".join(lines[-_SHOWN:])

    def _starts(self, number: int) -> list[tuple[float, str]]:
        if not self.trace.exists():
            return []
        words = (line.split() for line in self.trace.read_text().splitlines())
        return [(float(at), f"started by process {pid}") for at, pid, started in words if int(started) == number]
