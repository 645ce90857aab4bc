"""Misbehaviour on request: how often each kind strikes, and how many are owed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random

from tests.simulator import frames
from tests.simulator.frames import Frame

FEED = {
    "split": "a frame comes in pieces, cut anywhere, with pauses",
    "byte-order-mark": "a connection begins with one",
    "cut": "the connection ends in the middle of a frame",
    "drop": "the connection ends after a frame, and not in order",
    "stall": "the connection stays open and silent for a while",
}
API = {
    "server-error": "500",
    "unavailable": "503",
    "slow": "the answer takes seconds",
    "hang": "no answer for a minute",
    "truncated": "the body is shorter than it says",
    "not-json": "200 with a page of HTML",
    "empty-list": "a program list is empty",
}
NAMES = frozenset({*frames.STYLES, *frames.STRANGE, *FEED, *API})


class Faults:
    """Asked at every place where something can go wrong. Each kind has its own dice, so that one does not move another's."""

    def __init__(self, seed: int, rates: Mapping[str, float]) -> None:
        unknown = sorted(set(rates) - NAMES)
        if unknown:
            raise ValueError(f"no such fault: {', '.join(unknown)}; there are {', '.join(sorted(NAMES))}")
        self._rates = dict(rates)
        self._owed: dict[str, int] = {}
        self._dice = {name: Random(f"{seed}:{name}") for name in NAMES}

    def owe(self, name: str, times: int) -> None:
        """Have `name` strike the next `times` times that it could. Raises ValueError if there is no such fault."""
        if name not in NAMES:
            raise ValueError(f"no such fault: {name}; there are {', '.join(sorted(NAMES))}")
        self._owed[name] = self._owed.get(name, 0) + times

    def calm(self) -> None:
        """No more of any kind."""
        self._rates.clear()
        self._owed.clear()

    def strikes(self, name: str) -> bool:
        if self._owed.get(name, 0) > 0:
            self._owed[name] -= 1
            return True
        return self._rates.get(name, 0.0) > 0 and self._dice[name].random() < self._rates[name]

    def dice(self, name: str) -> Random:
        return self._dice[name]

    def strange_frames(self) -> Iterator[Frame]:
        """Frames that are no event of this world, to be sent before the next one that is."""
        for name, make in frames.STRANGE.items():
            if self.strikes(name):
                yield make(self._dice[name])

    def encode(self, it: Frame) -> bytes:
        """The frame in one of the ways in which it may be written."""
        if it.reading in {"valid", "unmapped"} and it.event is not None:
            for name, style in frames.STYLES.items():
                if self.strikes(name):
                    return style(it)
        return frames.plain(it)
