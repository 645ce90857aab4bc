"""Order of a key: a delivery starts when the one before it with the same key is settled. Keys go side by side."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping

from pydantic_core import from_json

from streamworker.delivery import Incoming


class Lanes:
    """A lane for each key that has a delivery in hand. key_of: None has no order. behind: how many wait for another of their key."""

    def __init__(self, key_of: Callable[[Incoming], object], start: Callable[[Incoming], None]) -> None:
        self.behind = 0
        self._key_of = key_of
        self._start = start
        self._lanes: dict[object, deque[Incoming]] = {}
        self._keys: dict[Incoming, object] = {}

    def put(self, incoming: Incoming) -> None:
        key = self._key_of(incoming)
        if key is None:
            self._start(incoming)
            return
        self._keys[incoming] = key
        lane = self._lanes.get(key)
        if lane is None:
            self._lanes[key] = deque((incoming,))
            self._start(incoming)
        else:
            lane.append(incoming)
            self.behind += 1

    def settled(self, incoming: Incoming) -> None:
        """Let the next of its key start, if this was its turn; one that is settled before its turn is passed over then."""
        key = self._keys.pop(incoming, None)
        if key is None or (lane := self._lanes[key])[0] is not incoming:
            return
        self.behind -= len(lane) - 1
        while lane and lane[0].settled:
            lane.popleft()
        if lane:
            self.behind += len(lane) - 1
            self._start(lane[0])
        else:
            del self._lanes[key]


def field_of(path: str) -> Callable[[Incoming], object]:
    """The value of a dotted field in a delivery's JSON, as a key; None where it has none (such an event is refused anyway)."""
    names = path.split(".")

    def key_of(incoming: Incoming) -> object:
        try:
            value: object = from_json(incoming.data)
        except ValueError:
            return None
        for name in names:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value if isinstance(value, str | int | float) else None

    return key_of


class Repeats:
    """Deliveries that wait to be handled once more in place."""

    def __init__(self, start: Callable[[Incoming], None]) -> None:
        self._start = start
        self._timers: dict[Incoming, asyncio.TimerHandle] = {}

    def put(self, incoming: Incoming, after: float) -> None:
        """Start it again after `after` seconds."""
        self._timers[incoming] = asyncio.get_running_loop().call_later(after, self._due, incoming)

    def cancel(self, incoming: Incoming) -> bool:
        """Whether it was waiting; it waits no more."""
        timer = self._timers.pop(incoming, None)
        if timer is not None:
            timer.cancel()
        return timer is not None

    def _due(self, incoming: Incoming) -> None:
        del self._timers[incoming]
        self._start(incoming)
