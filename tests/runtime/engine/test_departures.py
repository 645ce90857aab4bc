"""Departures: a source leaves a worker, and nothing of it stays in its hands."""

from __future__ import annotations

import asyncio
from typing import cast

from streamworker.delivery import Incoming, Origin
from streamworker.engine.departures import Departures
from streamworker.sources.base import OpenSource
from streamworker.sources.memory import MemorySource
from streamworker.sources.redrive import RedriveSubject


class Leaving(MemorySource[object]):
    """Has nothing more to hand over."""

    async def stop(self) -> None:
        """At once."""


class Hands:
    """What a worker holds, and what it gave back."""

    def __init__(self) -> None:
        self.held: dict[Incoming, None] = {}
        self.given_back: list[int] = []
        self.departures = Departures(self.held, self._give_back)

    def settle(self, incoming: Incoming) -> None:
        del self.held[incoming]
        self.departures.changed(incoming)

    def _give_back(self, incoming: Incoming) -> None:
        if not incoming.started:
            self.given_back.append(incoming.origin.sequence)
            self.settle(incoming)


def delivery(source: Leaving, sequence: int) -> Incoming:
    return Incoming("s", b"", None, Origin("S", 1, sequence), source, reply="reply")


async def test_what_runs_is_waited_for_and_what_comes_late_is_given_back() -> None:
    """A server that does not answer in time may still send what was on its way: held for ever, it would be handled by nobody."""
    source, hands = Leaving(RedriveSubject("s")), Hands()
    busy, waiting, newer, late = (delivery(source, sequence) for sequence in range(1, 5))
    busy.started = True
    hands.held |= dict.fromkeys((busy, waiting, newer))
    departing = asyncio.create_task(hands.departures.depart(cast("OpenSource", source)))
    await asyncio.sleep(0.01)
    assert hands.given_back == [3, 2]
    hands.held[late] = None
    hands.departures.changed(late)
    await asyncio.sleep(0.01)
    assert hands.given_back == [3, 2, 4]
    assert not departing.done()
    hands.settle(busy)
    await asyncio.wait_for(departing, 5)
    assert not hands.departures.leaving
