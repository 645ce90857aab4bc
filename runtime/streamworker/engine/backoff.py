"""How long to wait before the next attempt: pure."""

from __future__ import annotations

from random import Random

from streamworker.options import RetryOptions

_random = Random()


def delay(attempt: int, options: RetryOptions, *, random: Random = _random) -> float:
    """Seconds before the attempt after the `attempt`-th (from 1): between the shortest delay and its doubling, never over the longest.

    Jitter is over the upper half, so that a herd spreads out and a delay still means something.
    """
    ceiling = min(options.longest, options.shortest * 2.0 ** min(attempt - 1, 62))
    return random.uniform(ceiling / 2, ceiling)


def bounded(after: float, options: RetryOptions) -> float:
    """A delay that a handler asked for, held within the worker's longest: the duplicate window counts on it."""
    return max(0.0, min(after, options.longest))
