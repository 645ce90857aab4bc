"""Settlement: the one place where a delivery's fate is decided, and told to its source. Every delivery, exactly once."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from time import monotonic  # the event loop's own clock costs two system calls on Python 3.11 (getpid)
from typing import Literal, TypeAlias

from streamworker.actions import DeadLetter, Ignore, Retry, Stop
from streamworker.delivery import Incoming
from streamworker.engine.attempts import Entry, Ledger, key
from streamworker.engine.backoff import bounded, delay
from streamworker.engine.child import Word
from streamworker.engine.classification import Classification
from streamworker.engine.ids import Ids
from streamworker.engine.stats import WorkerStats
from streamworker.errors import ContractViolation, ProcessDied, PublishRefused, StreamworkerError
from streamworker.letters import LetterBox, Reason, write
from streamworker.options import RetryOptions
from streamworker.places import place_of, text_of

Outcome: TypeAlias = Literal["acked", "retried", "dead-lettered", "given-back", "abandoned"]


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """Settles the deliveries of one worker.

    settled: called after each settlement.
    held: deliveries taken over and not settled, oldest first. on_stop: called with the error for which a handler wants the
    process stopped. is_current: whether this replica's contract is the newest; one that is not dead-letters nothing that it
    merely can't read. in_place: keep a delivery that is to be retried, so that nothing of its key passes it. outdated: called where, in
    place, nothing can be done but to leave it to a newer replica.
    """

    worker: str
    stats: WorkerStats
    classification: Classification
    retry: RetryOptions
    ledger: Ledger
    letters: LetterBox
    ids: Ids
    on_stop: Callable[[BaseException], None]
    is_current: Callable[[], Awaitable[bool]]
    settled: Callable[[Incoming, Outcome], None]
    in_place: bool
    outdated: Callable[[], None]
    held: dict[Incoming, None]
    log: logging.Logger

    def take(self, incoming: Incoming) -> None:
        """Take over a delivery."""
        incoming.received = monotonic()
        self.held[incoming] = None
        self.stats.received += 1
        if incoming.delivered > 1:
            self.stats.redelivered += 1

    def done(self, incoming: Incoming) -> None:
        """All outputs are stored: ack."""
        if self._closes(incoming, "acked"):
            self.stats.acked += 1
            incoming.settler.ack(incoming)

    def published(self, *, duplicate: bool) -> None:
        """An output of some delivery is stored."""
        self.stats.published += 1
        if duplicate:
            self.stats.duplicates += 1

    def give_back(self, incoming: Incoming, after: float = 0.0) -> None:
        """Let another have it, with no attempt counted."""
        if self._closes(incoming, "given-back"):
            self.stats.given_back += 1
            incoming.settler.nak(incoming, after)

    def abandon(self, incoming: Incoming) -> None:
        """Its stream or consumer has gone: an ack now could settle a delivery of the new one."""
        if self._closes(incoming, "abandoned"):
            self.stats.abandoned += 1

    def progress(self, older_than: float) -> None:
        """Tell the server of every delivery held for longer than `older_than` seconds that it is being worked on."""
        limit = monotonic() - older_than
        for incoming in self.held:
            if incoming.received > limit:
                break
            incoming.settler.in_progress(incoming)

    async def undecodable(self, incoming: Incoming, error: ContractViolation) -> None:
        """What the contract refuses is a dead letter at once, unless a newer contract may read it."""
        if await self.is_current():
            await self._bury(incoming, error, "contract", None, ())
        else:
            self.log.warning("given back, since a newer replica may read it: %s", error)
            if self.in_place:
                self.outdated()
            self.give_back(incoming, self.retry.shortest)

    async def failed(self, incoming: Incoming, error: BaseException, stored: tuple[str, ...] = ()) -> float | None:
        """Decide what becomes of a delivery whose handling raised. Returns seconds after which to try again in place, else None."""
        if incoming.settled:
            return None
        action = self.classification.action(error)
        if isinstance(action, Ignore):
            self._ignore(incoming, error)
        elif isinstance(action, Stop):
            self.on_stop(error)
            self.give_back(incoming)
        elif isinstance(action, DeadLetter):
            await self._bury(incoming, error, _reason(error), await self._entry(incoming), stored)
        else:
            return await self._retry(incoming, error, action or Retry(), stored)
        return None

    def _ignore(self, incoming: Incoming, error: BaseException) -> None:
        """Ack it. The first of its kind is told of, the others are counted: there may be thousands."""
        kind = type(error).__qualname__
        if self.stats.ignore(kind):
            self.log.info("ignored: %s: %s (the first of its kind; others are counted)", kind, error)
        else:
            self.log.debug("ignored: %s: %s", kind, error)
        self.done(incoming)

    async def crashed(self, incoming: Incoming, entry: Entry) -> None:
        """Dead-letter an event that ends its process."""
        if entry.deaths:
            error = ProcessDied(f"it ended {entry.deaths} processes in which nothing else ran")
        else:
            error = ProcessDied(f"started {entry.starts} times, and each time the process ended before the handler did")
        await self._bury(incoming, error, "crashed", entry, ())

    def decided(self, incoming: Incoming, word: Word) -> None:
        """Settle a delivery as another process has decided."""
        if word.verb == "ack":
            self.done(incoming)
        elif word.verb == "nak" and self._closes(incoming, "retried"):
            self.stats.retried += 1
            incoming.settler.nak(incoming, word.delay)
        elif word.verb == "term" and self._closes(incoming, "dead-lettered"):
            self.stats.dead_lettered += 1
            incoming.settler.term(incoming, word.reason)

    async def _retry(
        self, incoming: Incoming, error: BaseException, action: Retry, stored: tuple[str, ...]
    ) -> float | None:
        entry = await self._count(incoming, error)
        if entry.failed >= self.retry.attempts:
            await self._bury(incoming, error, "attempts", entry, stored)
            return None
        after = delay(entry.failed, self.retry) if action.after is None else bounded(action.after, self.retry)
        self.log.warning("attempt %d failed, next in %.1f s: %s", entry.failed, after, _told(error))
        if self.in_place:
            return after
        if self._closes(incoming, "retried"):
            self.stats.retried += 1
            incoming.settler.nak(incoming, after)
        return None

    async def _count(self, incoming: Incoming, error: BaseException) -> Entry:
        entry = (await self._entry(incoming) or Entry()).with_failure(error)
        try:
            await self.ledger.write(key(self.worker, incoming.origin, incoming.redriven), entry)
        except StreamworkerError as trouble:
            self.log.warning("an attempt could not be counted: %s", trouble)
        return entry

    async def _entry(self, incoming: Incoming) -> Entry | None:
        try:
            return await self.ledger.read(key(self.worker, incoming.origin, incoming.redriven))
        except StreamworkerError as trouble:
            self.log.warning("the attempts so far could not be read: %s", trouble)
            return None

    async def _bury(
        self, incoming: Incoming, error: BaseException, reason: Reason, entry: Entry | None, stored: tuple[str, ...]
    ) -> None:
        """Store the letter, and only then terminate the input."""
        letter = write(self.worker, incoming, error, reason, stored)
        if entry is not None:
            letter = replace(letter, attempts=max(entry.failed, 1), history=entry.attempts)
        try:
            await self.letters.store(letter, self.ids.letter(incoming.origin, incoming.redriven))
        except PublishRefused as refusal:
            self.log.critical("a dead letter could not be stored, its event is given back: %s", refusal)
            self.on_stop(refusal)
            self.give_back(incoming, self.retry.longest)
            return
        self.log.error("dead letter (%s): %s", reason, _told(error))
        if self._closes(incoming, "dead-lettered"):
            self.stats.dead_lettered += 1
            incoming.settler.term(incoming, f"{reason}: {type(error).__qualname__}")

    def _closes(self, incoming: Incoming, outcome: Outcome) -> bool:
        """Whether this call is the one that settles it. False after `abandon`, or where a stop came first."""
        if incoming.settled:
            return False
        incoming.settled = True
        del self.held[incoming]
        self.stats.latencies.append(monotonic() - incoming.received)
        self.settled(incoming, outcome)
        return True


def _reason(error: BaseException) -> Reason:
    if isinstance(error, ContractViolation):
        return "contract"
    return "refused" if isinstance(error, PublishRefused) else "classified"


def _told(error: BaseException) -> str:
    place = place_of(error)
    return f"{type(error).__qualname__}: {text_of(error)}{f' (at {place})' if place else ''}"
