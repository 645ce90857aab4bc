"""Admission: what the ledger and the journal of a dead process make of a delivery that comes again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from streamworker.delivery import Incoming, Origin
from streamworker.engine.admission import Admission, Verdict
from streamworker.engine.attempts import Entry, MemoryLedger, key
from streamworker.engine.inheritance import Left
from streamworker.engine.journal import Journal, journal_file
from streamworker.errors import BrokerError, ConnectionLost
from streamworker.sources.memory import MemorySource
from streamworker.sources.redrive import RedriveSubject

from tests.conftest import Eventually

LOG = logging.getLogger("admission")
SOURCE = MemorySource(RedriveSubject("s"))
PLACE = key("shipper", Origin("S", 1, 7), 0)


class Troubled(MemoryLedger):
    """Fails as long as it has `troubles`."""

    def __init__(self, *troubles: Exception) -> None:
        super().__init__()
        self.troubles = list(troubles)

    async def read_all(self, keys: Sequence[str], /) -> Mapping[str, Entry]:
        await asyncio.sleep(0)
        if self.troubles:
            raise self.troubles.pop(0)
        return await super().read_all(keys)


def again(delivered: int = 2) -> Incoming:
    return Incoming("s", b"", None, Origin("S", 1, 7), SOURCE, reply="reply", delivered=delivered)


def admission(ledger: MemoryLedger, journal: Journal | None = None) -> Admission:
    return Admission("shipper", ledger, journal or Journal(), LOG, has_child=True)


async def _written() -> None:
    """Nothing is on its way."""


@pytest.mark.parametrize(
    ("starts", "left", "after"),
    [
        (0, Left("reply", running=True), 1),
        (1, Left("reply", running=True), 2),
        (1, Left("reply", running=True, noted=True), 1),
        (0, Left("reply", running=True, noted=True), 1),
        (1, Left("reply", running=False), 1),
        (1, Left("reply", running=False, noted=True), 0),
        (0, Left("reply", running=False, noted=True), 0),
    ],
    ids=[
        "what was running is a suspect",
        "once more, where it was one",
        "its start was noted before it ran",
        "its start was to be noted, and the process was faster",
        "a suspect that was not tried yet stays one",
        "what did not run takes back the start that was noted for it",
        "or nothing, where the process died before it was noted",
    ],
)
async def test_what_a_dead_process_held_is_a_suspect_if_it_ran(starts: int, left: Left, after: int) -> None:
    ledger = MemoryLedger()
    if starts:
        await ledger.write(PLACE, Entry(starts=starts))
    await admission(ledger).left([(Origin("S", 1, 7), left)])
    entry = await ledger.read(PLACE)
    assert (entry.starts if entry else 0) == after


async def test_a_suspect_that_waits_when_its_process_dies_is_a_suspect_for_the_next(tmp_path: Path) -> None:
    """It had been admitted by no one: only what this process itself noted is taken back."""
    ledger, journal = MemoryLedger(), Journal()
    await ledger.write(PLACE, Entry(starts=1))
    with journal_file(journal, tmp_path, "shipper", 10, "the stream", _written):
        journal.hold(incoming := again(delivered=5))
        assert await admission(ledger, journal).admit([incoming]) == [Verdict(suspect=True)]
        assert await ledger.read(PLACE) == Entry(starts=1)


async def test_a_ledger_that_does_not_answer_is_waited_for() -> None:
    """Without a server nothing can be settled; a killer that is started meanwhile takes its neighbours with it."""
    ledger = Troubled(*[ConnectionLost("nats://there", 5.0, "no answer")] * 3)
    await ledger.write(PLACE, Entry(starts=1))
    assert await admission(ledger).admit([again()]) == [Verdict(suspect=True)]
    assert ledger.troubles == []


async def test_a_stop_ends_the_wait_for_the_ledger(eventually: Eventually) -> None:
    ledger = Troubled(*[ConnectionLost("nats://there", 5.0, "no answer")] * 1_000_000)
    incoming = again()
    waiting = asyncio.create_task(admission(ledger).admit([incoming]))
    await eventually(lambda: len(ledger.troubles) < 1_000_000)
    incoming.settled = True
    assert await asyncio.wait_for(waiting, 5) == [Verdict()]


async def test_a_ledger_that_refuses_is_done_without(caplog: pytest.LogCaptureFixture) -> None:
    ledger = Troubled(BrokerError("$KV", 404, "no such bucket"))
    assert await admission(ledger).admit([again()]) == [Verdict()]
    assert "started without the ledger" in caplog.text


async def test_what_is_given_back_while_the_ledger_is_asked_is_not_noted_as_started() -> None:
    """Each such note would be a start that nobody saw end: three are the proof that an event ends its process."""
    ledger = MemoryLedger()
    admitting, incoming = admission(ledger), again(delivered=5)
    waiting = asyncio.create_task(admitting.admit([incoming]))
    incoming.settled = True
    assert await waiting == [Verdict()]
    assert await ledger.read(PLACE) is None
    assert not admitting.known
