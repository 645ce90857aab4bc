"""Admission of what was handed out before: asks the ledger what happened then, and notes the start.

An event that is started again and again without anyone seeing it end may be what ends its process. From its second such start
it runs alone, so that its neighbours don't share its fate; after its third it is a dead letter. A journal of running deliveries
would know sooner: it belongs here.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from streamworker.delivery import Incoming
from streamworker.engine.attempts import Entry, Ledger, key
from streamworker.engine.settlement import Outcome
from streamworker.errors import StreamworkerError

_STRIKES = 3


@dataclass(frozen=True)
class Verdict:
    """suspect: to be run alone. crashed: the entry of an event that has ended its process often enough."""

    suspect: bool = False
    crashed: Entry | None = None


class Admission:
    """Admits the redelivered events of one worker."""

    def __init__(self, worker: str, ledger: Ledger, log: logging.Logger) -> None:
        self._worker = worker
        self._ledger = ledger
        self._log = log
        self._entries: dict[Incoming, Entry] = {}

    async def admit(self, incoming: Incoming) -> Verdict:
        """What to do with a redelivered event. Where the ledger can't be reached it is started all the same: better twice than never."""
        place = key(self._worker, incoming)
        try:
            entry = await self._ledger.read(place) or Entry()
            incoming.attempt = entry.failed + 1
            if entry.starts >= _STRIKES:
                return Verdict(crashed=entry)
            self._entries[incoming] = entry.with_start()
            await self._ledger.write(place, self._entries[incoming])
        except StreamworkerError as trouble:
            self._log.warning("started without the ledger: %s", trouble)
            return Verdict()
        return Verdict(suspect=entry.starts > 0)

    def concerns(self, incoming: Incoming, outcome: Outcome) -> bool:
        """Whether the ledger has to hear of a settlement: not of a first delivery that went well."""
        return incoming in self._entries or outcome == "dead-lettered"

    async def settled(self, incoming: Incoming, outcome: Outcome) -> None:
        """Note how a delivery ended: what is over needs no entry; a give-back was no crash."""
        place = key(self._worker, incoming)
        entry = self._entries.pop(incoming, None)
        try:
            if outcome in ("acked", "dead-lettered"):
                await self._ledger.clear(place)
            elif outcome == "given-back" and entry is not None:
                await self._ledger.write(place, replace(entry, starts=entry.starts - 1))
        except StreamworkerError as trouble:
            self._log.warning("the ledger keeps an entry that is over: %s", trouble)
