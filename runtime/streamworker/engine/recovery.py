"""Recovery: what becomes of deliveries that a dead process held, and of events that may have killed it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from streamworker.delivery import Incoming
from streamworker.engine.admission import Admission, Verdict, is_proof
from streamworker.engine.child import Word
from streamworker.engine.inheritance import Inheritance
from streamworker.engine.journal import Journal, journal_file
from streamworker.engine.settlement import Settlement
from streamworker.engine.suspects import SuspectDied, Trial
from streamworker.errors import StreamworkerError
from streamworker.sources.base import OpenSource


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """The recovery of one worker. folder: where journals of this machine lie; None keeps none. trial: where suspects are tried; None
    runs them alone, through `start_alone`. in_order: whether nothing may pass a delivery of its key. ending: set when the worker ends."""

    worker: str
    admission: Admission
    settlement: Settlement
    journal: Journal
    folder: Path | None
    trial: Trial | None
    start: Callable[[Incoming], None]
    start_alone: Callable[[Incoming], None]
    begin: Callable[[Incoming], None]
    beside: Callable[[Coroutine[object, object, None]], None]
    in_order: bool
    ending: asyncio.Event
    log: logging.Logger

    @contextmanager
    def journaled(self, session: OpenSource, slots: int) -> Iterator[Inheritance]:
        """Keep a journal of what `session` hands over; what dead processes left is yielded."""
        inheritance = Inheritance()
        with ExitStack() as stack:
            if self.folder is not None and session.identity:
                try:
                    file = journal_file(
                        self.journal, self.folder, self.worker, slots, session.identity, session.written
                    )
                    inheritance = stack.enter_context(file)
                except OSError as trouble:
                    self.log.warning("no journal, so what a crash leaves comes back only after ack_wait: %s", trouble)
            yield inheritance

    async def take_over(self, session: OpenSource, inheritance: Inheritance) -> None:
        """Have what dead processes held delivered again at once; note first which of it was running."""
        left = inheritance.left
        if not left:
            inheritance.settle()
            return
        running = sum(each.running for each in left)
        self.log.warning("a process died with %d deliveries, %d of them running", len(left), running)
        try:
            told = [each for each in left if each.running or each.noted]
            origins = await session.origins([each.reply for each in told])
            await self.admission.left([(origins[each.reply], each) for each in told if each.reply in origins])
        except StreamworkerError as trouble:
            self.log.warning("not all suspects could be noted: %s", trouble)
        session.give_back([each.reply for each in left])
        try:
            await session.settled()
        except StreamworkerError as trouble:
            self.log.warning("what a dead process held may come back only after ack_wait: %s", trouble)
        else:
            inheritance.settle()

    async def admit(self, group: Sequence[Incoming]) -> None:
        """Start what was handed out before as the ledger says: like any other, as a suspect, or not at all."""
        for incoming, verdict in zip(group, await self.admission.admit(group), strict=True):
            if not incoming.settled:
                await self._let_in(incoming, verdict)

    async def _let_in(self, incoming: Incoming, verdict: Verdict) -> None:
        if verdict.crashed is not None:
            self.beside(self.settlement.crashed(incoming, verdict.crashed))
        elif not verdict.suspect:
            self.start(incoming)
        elif self.trial is None:
            self.log.warning("event %d may have ended its process before: it runs alone", incoming.origin.sequence)
            self.start_alone(incoming)
        elif self.in_order:
            await self._try_out(incoming, self.trial)
        else:
            self.beside(self._try_out(incoming, self.trial))

    async def _try_out(self, incoming: Incoming, trial: Trial) -> None:
        self.begin(incoming)
        self.journal.running(incoming)
        has_died = False
        while not incoming.settled:
            try:
                word = await trial.try_out(incoming, alone=has_died)
            except SuspectDied as death:
                has_died = True
                if not incoming.settled:  # else the child was ended with the worker
                    await self._died(incoming, death)
            else:
                await self._decided(incoming, word)

    async def _died(self, incoming: Incoming, death: SuspectDied) -> None:
        self.log.warning("event %d ended the process it was tried in: %s", incoming.origin.sequence, death)
        entry = await self.admission.died(incoming)
        if is_proof(entry):
            await self.settlement.crashed(incoming, entry)

    async def _decided(self, incoming: Incoming, word: Word) -> None:
        """What failed in the child is tried there again: here it may still end the process."""
        if word.verb != "nak":
            self.settlement.decided(incoming, word)
        elif self.in_order:
            await self._wait(word.delay)
            if self.ending.is_set():
                self.settlement.give_back(incoming)
        else:
            try:
                await self.admission.suspect(incoming)
            except StreamworkerError as trouble:
                self.log.warning("a suspect could not be noted: %s", trouble)
            self.settlement.decided(incoming, word)

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.ending.wait()
