"""What can become of a delivery whose handling failed. A leaf: imports nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Retry:
    """Deliver it again, as one more attempt.

    after: seconds until then; None (the default) takes the worker's own delay, exponential with jitter. Never longer than the
    worker's longest delay.
    """

    after: float | None = None


@dataclass(frozen=True)
class Ignore:
    """Settle it as done, with no output; counted and logged."""


@dataclass(frozen=True)
class DeadLetter:
    """Keep it among the dead letters at once, with no further attempt."""


@dataclass(frozen=True)
class Stop:
    """Give it back and stop this process: what is wrong is not the event."""


ErrorAction: TypeAlias = Retry | Ignore | DeadLetter | Stop
