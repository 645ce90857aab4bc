"""How many deliveries to hold beyond those that run: few while handlers are slow, so that replicas share; more as they prove fast."""

from __future__ import annotations

from collections.abc import Callable

from streamworker.options import WorkerOptions

_AHEAD = (
    0.25  # seconds of work to hold: covers a pull's round trip many times over, and is a small part of any ack_wait
)
_SAMPLE = 0.05


class Prefetch:
    """Turns the rate of settlements into a number of deliveries that may wait for a slot."""

    def __init__(self, options: WorkerOptions, clock: Callable[[], float]) -> None:
        self._least = options.concurrency * (options.batch.max if options.batch else 1)
        self._most = max(self._least, options.max_unconfirmed)
        self._clock = clock
        self._rate = 0.0
        self._since = clock()
        self._settled = 0

    def allowed(self, settled: int) -> int:
        """How many may wait, given how many were settled so far."""
        now = self._clock()
        elapsed = now - self._since
        if elapsed >= _SAMPLE:
            self._rate = (settled - self._settled) / elapsed
            self._since = now
            self._settled = settled
        return max(self._least, min(self._most, int(self._rate * _AHEAD)))
