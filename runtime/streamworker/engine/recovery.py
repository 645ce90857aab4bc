"""Recovery: what becomes of deliveries that a dead process held, and of events that may have killed it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from streamworker.delivery import Incoming
from streamworker.engine.admission import Admission, is_proof
from streamworker.engine.journal import Journal, Left, journal_file
from streamworker.engine.settlement import Settlement
from streamworker.engine.suspects import SuspectDied, Trial
from streamworker.errors import StreamworkerError
from streamworker.sources.base import OpenSource


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """The recovery of one worker. folder: where journals of this machine lie; None keeps none. trial: where suspects are tried; None
    runs them alone, through `start_alone`."""

    worker: str
    admission: Admission
    settlement: Settlement
    journal: Journal
    folder: Path | None
    trial: Trial | None
    start: Callable[[Incoming], None]
    start_alone: Callable[[Incoming], None]
    begin: Callable[[Incoming], None]
    log: logging.Logger

    @contextmanager
    def journaled(self, session: OpenSource, slots: int) -> Iterator[Sequence[Left]]:
        """Keep a journal of what `session` hands over; what dead processes left is yielded."""
        if self.folder is None or not session.identity:
            yield ()
            return
        with ExitStack() as stack:
            left: Sequence[Left] = ()
            try:
                left = stack.enter_context(
                    journal_file(self.journal, self.folder, self.worker, slots, session.identity)
                )
            except OSError as trouble:
                self.log.warning("no journal, so what a crash leaves comes back only after ack_wait: %s", trouble)
            yield left

    async def take_over(self, session: OpenSource, left: Sequence[Left]) -> None:
        """Have what dead processes held delivered again at once; note first which of it was running."""
        if not left:
            return
        running = [each for each in left if each.running]
        self.log.warning("a process died with %d deliveries, %d of them running", len(left), len(running))
        try:
            for each in running:
                await self.admission.suspect(session.origin_of(each.reply))
            cleared = (session.origin_of(each.reply) for each in left if each.cleared)
            await asyncio.gather(*(self.admission.absolve(origin) for origin in cleared))
        except StreamworkerError as trouble:
            self.log.warning("not all suspects could be noted: %s", trouble)
        session.give_back([each.reply for each in left])

    async def admit(self, incoming: Incoming) -> None:
        """Start what was handed out before as the ledger says: like any other, as a suspect, or not at all."""
        verdict = await self.admission.admit(incoming)
        if incoming.settled:
            return
        if verdict.crashed is not None:
            await self.settlement.crashed(incoming, verdict.crashed)
        elif not verdict.suspect:
            self.journal.cleared(incoming)
            self.start(incoming)
        elif self.trial is not None:
            await self._try_out(incoming, self.trial)
        else:
            self.log.warning("event %d may have ended its process before: it runs alone", incoming.origin.sequence)
            self.start_alone(incoming)

    async def _try_out(self, incoming: Incoming, trial: Trial) -> None:
        self.begin(incoming)
        self.journal.running(incoming)
        while not incoming.settled:
            try:
                word = await trial.try_out(incoming)
            except SuspectDied as death:
                self.log.warning("event %d ended the process it was tried in: %s", incoming.origin.sequence, death)
                entry = await self.admission.died(incoming)
                if is_proof(entry):
                    await self.settlement.crashed(incoming, entry)
            else:
                if word.verb == "nak":
                    await self._keep_suspect(incoming)
                self.settlement.decided(incoming, word)

    async def _keep_suspect(self, incoming: Incoming) -> None:
        """What failed in the child is tried there again: here it may still end the process."""
        try:
            await self.admission.suspect(incoming.origin, incoming.redriven)
        except StreamworkerError as trouble:
            self.log.warning("a suspect could not be noted: %s", trouble)
