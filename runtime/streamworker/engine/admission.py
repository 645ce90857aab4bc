"""Admission of what was handed out before: asks the ledger what happened then, and notes a start that may end the process.

An event that was started and that nobody saw end may be what ended its process: a suspect. Where there is a child process to try it
in, it goes there, and two deaths of the child prove it. Where there is none, it runs alone, so that its neighbours don't share its
fate, and three starts are the proof.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from streamworker.delivery import Incoming, Origin
from streamworker.engine.attempts import Entry, Ledger, key
from streamworker.engine.inheritance import Left
from streamworker.engine.journal import Journal
from streamworker.engine.settlement import Outcome
from streamworker.errors import ConnectionLost, StreamworkerError

_STRIKES = 3
_DEATHS = 2
_TRUSTED = 2  # the second delivery is most often the fault of others; a third with no journal that tells is noted before it starts


@dataclass(frozen=True)
class Verdict:
    """suspect: not to be run beside others. crashed: the entry of an event that has ended its process often enough."""

    suspect: bool = False
    crashed: Entry | None = None


class Admission:
    """Admits the redelivered events of one worker. has_child: whether suspects are tried in a child process. journal: what the next
    process on this machine will know of this one."""

    def __init__(self, worker: str, ledger: Ledger, journal: Journal, log: logging.Logger, *, has_child: bool) -> None:
        self._worker = worker
        self._ledger = ledger
        self._log = log
        self._has_child = has_child
        self._journal = journal
        self.known: dict[Incoming, Entry] = {}  # what the ledger says of what is in hand: of most there is nothing

    async def admit(self, group: Sequence[Incoming]) -> Sequence[Verdict]:
        """What to do with each of some deliveries. Waits for a ledger that does not answer: nothing could be settled either. Where it
        refuses, all are started: better twice than never."""
        again = [incoming for incoming in group if came_before(incoming)]
        try:
            entries = await self._entries_of(again)
        except StreamworkerError as trouble:
            self._log.warning("started without the ledger: %s", trouble)
            return [Verdict()] * len(group)
        verdicts = [self._verdict(incoming, entries.get(self._key(incoming))) for incoming in group]
        try:
            await self._note_starts([incoming for incoming in again if not incoming.settled])
        except StreamworkerError as trouble:
            self._log.warning("started, and the ledger does not know: %s", trouble)
        return verdicts

    async def left(self, deliveries: Sequence[tuple[Origin, Left]]) -> None:
        """Note what the journal of a dead process says of what was running, or noted as started: what was running is a suspect; what was not
        takes back the start that the process noted of it, and no other."""
        told = {key(self._worker, origin, 0): left for origin, left in deliveries}
        entries = await self._ledger.read_all(list(told))
        writes = []
        for place, left in told.items():
            entry = entries.get(place, Entry())
            starts = max(0, entry.starts - left.noted) + left.running
            if starts != entry.starts:
                writes.append(self._ledger.write(place, replace(entry, starts=starts)))
        await asyncio.gather(*writes)

    async def suspect(self, incoming: Incoming) -> None:
        """Note that an event may end its process, though a child has survived it."""
        place = self._key(incoming)
        await self._ledger.write(place, (await self._ledger.read(place) or Entry()).with_start())

    async def died(self, incoming: Incoming) -> Entry:
        """Note that a child died of an event; the entry tells whether that is proof."""
        entry = self.known.get(incoming, Entry()).with_death()
        self.known[incoming] = entry
        try:
            await self._ledger.write(self._key(incoming), entry)
        except StreamworkerError as trouble:
            self._log.warning("a death could not be noted: %s", trouble)
        return entry

    async def settled(self, incoming: Incoming, outcome: Outcome) -> None:
        """Note how a delivery ended: what is over needs no entry; a give-back was no crash."""
        entry = self.known.pop(incoming, None)
        try:
            if outcome in ("acked", "dead-lettered"):
                await self._ledger.clear(self._key(incoming))
            elif outcome == "given-back" and entry is not None and incoming.noted:
                await self._ledger.write(self._key(incoming), replace(entry, starts=entry.starts - 1))
        except StreamworkerError as trouble:
            self._log.warning("the ledger keeps an entry that is over: %s", trouble)

    async def _entries_of(self, again: Sequence[Incoming]) -> Mapping[str, Entry]:
        while True:
            try:
                return await self._ledger.read_all([self._key(incoming) for incoming in again])
            except ConnectionLost as trouble:
                if all(incoming.settled for incoming in again):  # given back, at a stop
                    return {}
                self._log.info("%d deliveries wait for the ledger: %s", len(again), trouble)

    def _verdict(self, incoming: Incoming, entry: Entry | None) -> Verdict:
        if entry is None or incoming.settled:  # given back meanwhile: it does not start, and nobody would forget it
            return Verdict()
        self.known[incoming] = entry
        incoming.attempt = entry.failed + 1
        if entry.deaths >= _DEATHS or (entry.starts >= _STRIKES and not self._has_child):
            return Verdict(crashed=entry)
        return Verdict(suspect=entry.starts > 0)

    async def _note_starts(self, again: Sequence[Incoming]) -> None:
        writes = []
        for incoming in again:
            entry = self.known.get(incoming, Entry())
            if self._is_noted(incoming, entry):
                self.known[incoming] = entry = entry.with_start()
                self._journal.noted(incoming)
                writes.append(self._ledger.write(self._key(incoming), entry))
        await asyncio.gather(*writes)

    def _is_noted(self, incoming: Incoming, entry: Entry) -> bool:
        """Whether its start is written down: not of what goes into a child, nor where the journal is most likely to tell. It may be on a
        disk that is gone with the process, so that it is not trusted for ever."""
        if self._has_child and entry.starts:
            return False
        return incoming.redriven > 0 or incoming.delivered > _TRUSTED or not self._journal.is_open

    def _key(self, incoming: Incoming) -> str:
        return key(self._worker, incoming.origin, incoming.redriven)


def came_before(incoming: Incoming) -> bool:
    """Whether the ledger may know of it."""
    return incoming.delivered > 1 or incoming.redriven > 0


def is_proof(entry: Entry) -> bool:
    """Whether children have died of an event often enough."""
    return entry.deaths >= _DEATHS
