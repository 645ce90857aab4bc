"""Whether work moves: not whether a socket is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from streamworker.app.figures import State
from streamworker.options import WorkerOptions
from streamworker.sources.base import SourceHealth

_UNDELIVERED = 30.0  # seconds that a backlog may wait for a worker that holds nothing
_UNSTORED = 30.0  # seconds that outputs may wait without one of them being stored


@dataclass(frozen=True)
class Work:
    """A worker's work at one moment: settled and published are counters, held and unconfirmed what is under way."""

    settled: int
    held: int
    published: int
    unconfirmed: int
    sources: Sequence[SourceHealth]

    @property
    def backlog(self) -> int | None:
        """Messages that wait in its streams, as far as is known; None where nothing is."""
        known = [source.backlog for source in self.sources if source.backlog is not None]
        return sum(known) if known else None


class Pulse:
    """Watches one worker: what was last seen to move, and when."""

    def __init__(self, options: WorkerOptions) -> None:
        self._patience = options.timeout + options.retry.longest + options.ack_wait
        self._settled = _Mark()
        self._stored = _Mark()

    def state(self, now: float, work: Work) -> State:
        """How the worker does, `now` on a clock that only goes forward. To be asked every few seconds at least."""
        unsettled = self._settled.since(now, work.settled, at_rest=not (work.held or work.backlog))
        unstored = self._stored.since(now, work.published, at_rest=not work.unconfirmed)
        if not work.sources:
            return State("starting")
        if waiting := [
            source.waiting or "no connection" for source in work.sources if source.waiting or not source.connected
        ]:
            return State("waiting", waiting[0])
        if unstored > _UNSTORED:
            return State("stuck", f"none of its outputs was stored for more than {_UNSTORED:g} s")
        if unsettled > self._patience:
            return State("stuck", f"no delivery was settled for more than {self._patience:g} s")
        if unsettled > _UNDELIVERED and not work.held:
            return State("stuck", f"messages wait, and none was delivered for more than {_UNDELIVERED:g} s")
        return State("working" if work.held or work.backlog else "idle")


class _Mark:
    """When a counter last moved, or had no reason to."""

    def __init__(self) -> None:
        self._count = -1
        self._at = 0.0

    def since(self, now: float, count: int, *, at_rest: bool) -> float:
        if at_rest or count != self._count:
            self._count, self._at = count, now
        return now - self._at
