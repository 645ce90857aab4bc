"""Admission of what was handed out before: asks the ledger what happened then, and notes the start.

An event that was started and that nobody saw end may be what ended its process: a suspect. Where there is a child process to try it
in, it goes there, and two deaths of the child prove it. Where there is none, it runs alone, so that its neighbours don't share its
fate, and three starts are the proof.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from streamworker.delivery import Incoming, Origin
from streamworker.engine.attempts import Entry, Ledger, key
from streamworker.engine.settlement import Outcome
from streamworker.errors import StreamworkerError

_STRIKES = 3
_DEATHS = 2


@dataclass(frozen=True)
class Verdict:
    """suspect: not to be run beside others. crashed: the entry of an event that has ended its process often enough."""

    suspect: bool = False
    crashed: Entry | None = None


class Admission:
    """Admits the redelivered events of one worker. has_child: whether suspects are tried in a child process."""

    def __init__(self, worker: str, ledger: Ledger, log: logging.Logger, *, has_child: bool) -> None:
        self._worker = worker
        self._ledger = ledger
        self._log = log
        self._has_child = has_child
        self._entries: dict[Incoming, Entry] = {}

    async def admit(self, incoming: Incoming) -> Verdict:
        """What to do with a redelivered event. Where the ledger can't be reached it is started all the same: better twice than never."""
        try:
            entry = await self._ledger.read(self._key(incoming)) or Entry()
            incoming.attempt = entry.failed + 1
            if entry.deaths >= _DEATHS or (entry.starts >= _STRIKES and not self._has_child):
                return Verdict(crashed=entry)
            await self._note(incoming, entry if entry.starts and self._has_child else entry.with_start())
        except StreamworkerError as trouble:
            self._log.warning("started without the ledger: %s", trouble)
            return Verdict()
        return Verdict(suspect=entry.starts > 0)

    async def suspect(self, origin: Origin, redriven: int = 0) -> None:
        """Note that an event was running when its process died, or may end one."""
        place = key(self._worker, origin, redriven)
        entry = await self._ledger.read(place) or Entry()
        await self._ledger.write(place, entry.with_start())

    async def absolve(self, origin: Origin) -> None:
        """Note that an event was not running when its process died, whatever the ledger says of its start."""
        place = key(self._worker, origin, 0)
        entry = await self._ledger.read(place)
        if entry is not None and entry.starts and not entry.deaths:
            await self._ledger.write(place, replace(entry, starts=0))

    async def died(self, incoming: Incoming) -> Entry:
        """Note that a child died of an event; the entry tells whether that is proof."""
        entry = self._entries.get(incoming, Entry()).with_death()
        self._entries[incoming] = entry
        try:
            await self._ledger.write(self._key(incoming), entry)
        except StreamworkerError as trouble:
            self._log.warning("a death could not be noted: %s", trouble)
        return entry

    def concerns(self, incoming: Incoming, outcome: Outcome) -> bool:
        """Whether the ledger has to hear of a settlement: not of a first delivery that went well."""
        return incoming in self._entries or outcome == "dead-lettered"

    async def settled(self, incoming: Incoming, outcome: Outcome) -> None:
        """Note how a delivery ended: what is over needs no entry; a give-back was no crash."""
        entry = self._entries.pop(incoming, None)
        try:
            if outcome in ("acked", "dead-lettered"):
                await self._ledger.clear(self._key(incoming))
            elif outcome == "given-back" and entry is not None:
                await self._ledger.write(self._key(incoming), replace(entry, starts=max(0, entry.starts - 1)))
        except StreamworkerError as trouble:
            self._log.warning("the ledger keeps an entry that is over: %s", trouble)

    async def _note(self, incoming: Incoming, entry: Entry) -> None:
        self._entries[incoming] = entry
        await self._ledger.write(self._key(incoming), entry)

    def _key(self, incoming: Incoming) -> str:
        return key(self._worker, incoming.origin, incoming.redriven)


def is_proof(entry: Entry) -> bool:
    """Whether children have died of an event often enough."""
    return entry.deaths >= _DEATHS
