"""The entrances of an ordered worker: one for each open source, with a gate of its own.

What another process still holds of one partition keeps nothing of the others waiting. Redriven letters stand outside: their order is
not promised.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import cast

from streamworker.delivery import Incoming, Settler
from streamworker.engine.entrance import Entrance
from streamworker.engine.gate import Gate
from streamworker.sources.base import OpenSource

_AT_ONCE = 128  # new deliveries that may come between two looks of a gate in place of what is missing


class Entrances:
    """admit, enter, beside: see `Entrance`. held: the deliveries in our hands. wake: called when there must be room for more of them than
    there was."""

    def __init__(
        self,
        *,
        admit: Callable[[Sequence[Incoming]], Awaitable[None]],
        enter: Callable[[Incoming], None],
        beside: Callable[[Coroutine[object, object, None]], None],
        held: Callable[[], Iterable[Incoming]],
        wake: Callable[[], None],
        log: logging.Logger,
    ) -> None:
        self._admit = admit
        self._enter = enter
        self._beside = beside
        self._held = held
        self._wake = wake
        self._log = log
        self._by_source: dict[tuple[Settler, bool], Entrance] = {}
        self._wanted = 0  # of what is missing, until a gate looks again

    @property
    def missing(self) -> int:
        """How many deliveries are in other hands and have to come here, as far as we know; a few at a time. As long as they stay away new
        ones come in their place, of all sources: without a bound they would fill the memory."""
        return min(self._wanted, self._missing()) if self._wanted else 0

    def put(self, incoming: Incoming) -> None:
        """Let a delivery in, when its turn has come."""
        if self._wanted and incoming.delivered == 1:
            self._wanted -= 1
        place = incoming.settler, incoming.redriven > 0
        entrance = self._by_source.get(place)
        if entrance is None:
            self._by_source[place] = entrance = self._made(*place)
        entrance.put(incoming)

    def close(self, source: Settler) -> None:
        """Nothing more comes from there, and nothing of it waits here any more."""
        entrance = self._by_source.pop((source, False), None)
        if entrance is not None:
            entrance.clear()

    def _missing(self) -> int:
        return sum(entrance.missing for entrance in self._by_source.values())

    def _looked(self) -> None:
        """A gate has looked, and stays closed."""
        self._wanted = min(self._missing(), _AT_ONCE)
        self._wake()

    def _made(self, settler: Settler, redriven: bool) -> Entrance:
        source = cast("OpenSource", settler)  # the settler of what it hands over, by its contract
        gate = None
        if not redriven and source.identity:  # where nothing outlives the process, there is nobody to take over from
            gate = Gate(source, held=self._held, wake=self._looked, log=self._log)
        return Entrance(admit=self._admit, enter=self._enter, beside=self._beside, gate=gate)
