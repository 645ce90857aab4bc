"""Deliveries whose stream has gone, and those that come back as redriven letters, on a source and sink in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from streamworker.delivery import Origin
from streamworker.engine.attempts import MemoryLedger
from streamworker.engine.backing import Backing, MemoryLetters
from streamworker.engine.prefetch import Prefetch
from streamworker.letters import Letter, redrive_headers
from streamworker.options import WorkerOptions
from streamworker.sources.memory import MemorySource
from streamworker.sources.redrive import RedriveSource, RedriveSubject

from tests.conftest import Eventually
from tests.runtime.engine.test_worker_in_memory import QUICK, Answered, Asked, Bench

OPTIONS = WorkerOptions(retry=QUICK)


async def test_what_is_held_of_a_stream_that_has_gone_is_never_settled(eventually: Eventually) -> None:
    started, go_on = asyncio.Event(), asyncio.Event()

    async def waits(event: Asked) -> Answered:
        started.set()
        await go_on.wait()
        return Answered(number=event.number)

    it = Bench(waits, OPTIONS, eventually)
    it.ask(1)
    async with it.running():
        await started.wait()
        assert it.source._receiver is not None
        it.source._receiver.lost(it.source, "the stream was made anew")
        go_on.set()
        await eventually(lambda: it.answers == [1])
    assert (it.source.acked, it.source.naks, it.source.termed) == ([], [], {})
    assert it.worker.stats.abandoned == 1


async def test_of_a_redriven_event_only_the_outputs_that_are_not_stored_are_published(eventually: Eventually) -> None:
    """However long ago that was: the letter says so, not the sink's memory of ids."""

    async def halves(event: Asked) -> Sequence[Answered]:
        return [Answered(number=event.number), Answered(number=event.number, half="right")]

    before = Bench(halves, OPTIONS, eventually)
    await before.work(7)
    left, right = [output.id for output in before.sink.outputs]
    letter = Letter(
        worker="bench",
        subject="asked.7",
        data=b'{"number":7}',
        headers={},
        origin=Origin(*before.source._origin, 1),
        reason="refused",
        error="PublishRefused",
        text="too large",
        stored=(left,),
    )
    redrives = MemorySource(RedriveSubject("redrive.bench"))
    redrives.put("redrive.bench", letter.data, redrive_headers(letter))

    @asynccontextmanager
    async def backing() -> AsyncIterator[Backing]:
        yield Backing(ledger=MemoryLedger(), letters=MemoryLetters(), redrives=RedriveSource(redrives))

    it = Bench(halves, OPTIONS, eventually)
    it.worker = it.worker.backed_by(backing)
    async with it.running():
        await eventually(lambda: redrives.acked == [1])
    assert [output.id for output in it.sink.outputs] == [right]


async def test_a_source_that_was_given_nothing_is_woken_though_another_asks_meanwhile(
    eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many may wait depends on the clock, too. A worker whose handlers take long stood still for seconds, with a backlog."""
    ahead, go_on = 1, asyncio.Event()
    monkeypatch.setattr(Prefetch, "allowed", lambda _prefetch, _settled: ahead)
    redrives = MemorySource(RedriveSubject("redrive.bench"))

    async def waits(event: Asked) -> Answered:
        await go_on.wait()
        return Answered(number=event.number)

    @asynccontextmanager
    async def backing() -> AsyncIterator[Backing]:
        yield Backing(ledger=MemoryLedger(), letters=MemoryLetters(), redrives=RedriveSource(redrives))

    it = Bench(waits, replace(OPTIONS, concurrency=1), eventually)
    it.worker = it.worker.backed_by(backing)
    it.ask(1, 2, 3)
    async with it.running():
        await eventually(lambda: len(it.source._pending) == 2)  # one is handled, one waits
        ahead = 2
        assert redrives._receiver is not None
        assert redrives._receiver.demand() == 1
        go_on.set()
        await eventually(lambda: it.answers == [1, 2, 3])
