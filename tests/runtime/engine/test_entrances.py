"""Entrances of an ordered worker, as long as older deliveries are in other hands."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import cast

from streamworker.delivery import Incoming, Origin, Settler
from streamworker.engine.entrances import Entrances

from tests.conftest import Eventually


class Elsewhere:
    """A source of which some deliveries are held by another process."""

    identity = "a consumer"

    def __init__(self, unsettled: int) -> None:
        self.unsettled = unsettled
        self.asked: Callable[[], None] | None = None  # called once, between the server's answer and its arrival

    def handed_out(self, reply: str) -> int:
        return int(reply)

    async def outstanding(self) -> int:
        answer, asked, self.asked = self.unsettled, self.asked, None
        if asked is not None:
            asked()
        return answer


class Bench:
    """Two sources, and what came of them."""

    def __init__(self) -> None:
        self.sources = [Elsewhere(2), Elsewhere(0)]
        self.held: list[Incoming] = []
        self.entered: list[Incoming] = []
        self.looks = 0
        self.tasks: list[asyncio.Task[None]] = []
        self.entrances = Entrances(
            admit=self._admit,
            enter=self.entered.append,
            beside=self._beside,
            held=lambda: self.held,
            wake=self._wake,
            log=logging.getLogger("entrances"),
        )

    def come(self, source: int, sequence: int, *, delivered: int = 1) -> Incoming:
        settler = cast("Settler", self.sources[source])
        incoming = Incoming("s", b"", None, Origin("S", 1, sequence), settler, reply=str(sequence), delivered=delivered)
        self.held.append(incoming)
        self.entrances.put(incoming)
        return incoming

    async def _admit(self, group: Sequence[Incoming]) -> None:
        self.entered += group

    def _beside(self, work: Coroutine[object, object, None]) -> None:
        self.tasks.append(asyncio.ensure_future(work))

    def _wake(self) -> None:
        self.looks += 1


async def test_what_is_in_other_hands_is_made_room_for_once_a_look(eventually: Eventually) -> None:
    """Were it for each delivery, all that is stored would be held until the missing one comes."""
    bench = Bench()
    bench.come(0, 1)
    await eventually(lambda: bench.looks == 1)
    assert bench.entrances.missing == 1
    bench.come(0, 2)
    assert bench.entrances.missing == 0
    bench.sources[0].unsettled = 3
    await eventually(lambda: bench.looks > 1)
    assert bench.entrances.missing == 1
    bench.sources[1].unsettled = 1
    bench.come(1, 1)
    assert bench.entrances.missing == 0
    bench.sources[0].unsettled = 2
    await asyncio.wait(bench.tasks, timeout=5)
    assert [each for each in bench.entered if each is not bench.held[2]] == bench.held[:2]


async def test_what_comes_again_takes_no_room_of_what_is_missing(eventually: Eventually) -> None:
    """It is part of it."""
    bench = Bench()
    bench.sources[0].unsettled = 1000
    bench.come(0, 1)
    await eventually(lambda: bench.looks == 1)
    before = bench.entrances.missing
    bench.come(0, 2, delivered=2)
    assert 0 < bench.entrances.missing == before < 999
    bench.come(0, 3)
    assert bench.entrances.missing == before - 1
    for incoming in bench.held:
        incoming.settled = True
    await asyncio.wait(bench.tasks, timeout=5)


async def test_a_gate_that_is_closed_while_the_server_is_asked_stays_closed(eventually: Eventually) -> None:
    """Others were handed out between the answer and what came just behind it."""
    bench = Bench()
    source = bench.sources[0]
    source.unsettled = 1

    def overtaken() -> None:
        source.unsettled = 3
        bench.come(0, 3)

    source.asked = overtaken
    bench.come(0, 1)
    await eventually(lambda: bench.looks == 1)
    assert bench.entered == []
    bench.come(0, 2)
    await asyncio.wait(bench.tasks, timeout=5)
    assert [incoming.origin.sequence for incoming in bench.entered] == [1, 2, 3]


async def test_nobody_waits_at_a_gate_for_what_was_given_back(eventually: Eventually) -> None:
    """A stop would wait for it."""
    bench = Bench()
    incoming = bench.come(0, 1)
    await eventually(lambda: bench.looks == 1)
    incoming.settled = True
    await asyncio.wait_for(bench.tasks[0], 5)
    assert bench.entered == []
