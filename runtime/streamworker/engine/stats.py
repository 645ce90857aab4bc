"""What a worker has done, as plain counters; and how long deliveries took."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

_SAMPLES = 2048


@dataclass(slots=True)
class WorkerStats:
    """Counters since the worker opened. Each delivery received ends in exactly one of acked, retried, dead_lettered, given_back or
    abandoned; ignored and redelivered are counted beside that.

    received: deliveries taken over. redelivered: those that the server had handed out before. published: outputs stored, of which
    duplicates already were. acked: settled as done. ignored: acked by an `Ignore`; kinds_ignored: of which errors. retried:
    handed back for another attempt. dead_lettered: kept among the dead letters. given_back: handed back without an attempt, at a
    stop or by a replica whose contract is not current. abandoned: not settled, since their stream or consumer has gone.
    """

    received: int = 0
    redelivered: int = 0
    published: int = 0
    duplicates: int = 0
    acked: int = 0
    ignored: int = 0
    retried: int = 0
    dead_lettered: int = 0
    given_back: int = 0
    abandoned: int = 0
    kinds_ignored: set[str] = field(default_factory=set, repr=False)
    latencies: deque[float] = field(default_factory=lambda: deque(maxlen=_SAMPLES), repr=False)

    @property
    def settled(self) -> int:
        """Deliveries whose fate was decided."""
        return self.acked + self.retried + self.dead_lettered + self.given_back + self.abandoned

    def ignore(self, kind: str) -> bool:
        """Whether it is the first of its kind."""
        self.ignored += 1
        first = kind not in self.kinds_ignored
        self.kinds_ignored.add(kind)
        return first

    def latency(self, quantile: float) -> float | None:
        """Seconds from receipt to settlement at `quantile` (0 to 1) of the last 2,048 deliveries; None before the first."""
        if not self.latencies:
            return None
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(quantile * len(ordered)))]
