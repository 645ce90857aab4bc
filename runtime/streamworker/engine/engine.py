"""The engine of one worker: takes deliveries from its sources, runs their lives in slots, and shuts down in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack

from streamworker.delivery import Incoming, Origin, Settler
from streamworker.engine.departures import Departures
from streamworker.engine.entrance import Entrance
from streamworker.engine.entrances import Entrances
from streamworker.engine.intake import Intake
from streamworker.engine.parts import Hooks, Parts, Plan
from streamworker.engine.settlement import Outcome
from streamworker.engine.stats import WorkerStats
from streamworker.errors import StreamworkerError, WorkerStopped
from streamworker.sources.base import ConsumerOptions, EventSource, OpenSource, SourceHealth

_LAST_WORDS = 2.0  # seconds that the last settlements have to reach the server
_SPARE = 2  # slots of the journal for each delivery in hand: those of settled ones are freed a little later
_BEHIND = 512  # deliveries in hand that wait for another of their key, beside what is prefetched: a failing key keeps no other waiting
_REDRIVES = 16  # redriven letters in hand at once: rare, and beside the normal traffic


class Engine:
    """Runs one worker. It is the `Scope` of its deliveries, and the `Receiver` of its sources through an intake for each."""

    def __init__(self, plan: Plan, stats: WorkerStats) -> None:
        self.worker = plan.worker
        self._plan = plan
        self._stats = stats
        self._log = logging.getLogger(f"streamworker.{plan.worker}")
        hooks = Hooks(
            enter=self._enter,
            begin=self._begin,
            settled=self._settled,
            again=self._again,
            fail=self._fail,
            outdated=self._stand_down,
            beside=self._beside,
        )
        self._parts = Parts(plan, stats, self, hooks, self._log)
        self._held = self._parts.settlement.held
        self._most_held = plan.options.max_unconfirmed + plan.options.concurrency
        self._entrance = self._entrances() if plan.is_pinned else self._only_entrance()
        self._departures = Departures(self._held, self._give_back)
        self._leaving = self._departures.leaving
        self._tasks: set[asyncio.Task[None]] = set()
        self._sessions: list[OpenSource] = []
        self._stop = asyncio.Event()
        self._empty = asyncio.Event()
        self._fatal: BaseException | None = None
        self._unstarted = 0
        self._starved = False
        self._taken_over = False
        self._stopping = False
        self._drained = False
        self._outdated = False

    async def run(self, shutdown: asyncio.Event) -> None:
        """Work until `shutdown` is set, then finish in order. Cancelled, it gives back at once what it holds.

        Raises WorkerStopped where an error wanted the stop.
        """
        for slot in self._parts.slots.open(self.worker):
            slot.add_done_callback(self._went_well)
        async with AsyncExitStack() as stack:
            consumer = ConsumerOptions.of_worker(self._plan.options, self._plan.durable, self._plan.pipeline)
            session = await self._open(self._plan.source, consumer, None, stack)
            inheritance = stack.enter_context(self._parts.recovery.journaled(session, _SPARE * self._most_held))
            await self._parts.recovery.take_over(session, inheritance)
            self._taken_over = True  # not earlier: a suspect must be known before it is handed out again
            session.wake()
            if self._plan.backing.redrives is not None:
                await self._open(self._plan.backing.redrives, consumer.for_redrives(), _REDRIVES, stack)
            tenders = [asyncio.create_task(self._heartbeats()), asyncio.create_task(self._parts.running.watch())]
            try:
                await _first(shutdown, self._stop)
                await self._finish()
            finally:
                await self._end(tenders)
        if self._fatal is not None:
            raise WorkerStopped(self.worker, self._fatal)
        if self._outdated:
            await shutdown.wait()

    async def drained(self) -> bool:
        """Whether all that is stored was handed out, and all of that settled."""
        if self._held or not self._sessions:
            return False
        return all([await session.drained() for session in self._sessions])

    def health(self) -> Sequence[SourceHealth]:
        return [session.health() for session in self._sessions]

    def running(self) -> Sequence[Origin]:
        """The origins of what handlers work on now."""
        return [
            incoming.origin for incoming in tuple(self._parts.running)
        ]  # at once: the watchdog asks from its thread

    def runs_in(self, task: asyncio.Task[object]) -> bool:
        """Whether a handler runs in this task."""
        return task in self._parts.running.tasks().values()

    def clear_all_but(self, task: asyncio.Task[object]) -> None:
        """Have the journal say that nothing else was running. From the watchdog's thread, when the process is to end for that task."""
        for incoming, its in self._parts.running.tasks().items():
            if its is not task:
                self._parts.journal.cleared(incoming)

    @property
    def held(self) -> int:
        """Deliveries taken over and not settled."""
        return len(self._held)

    @property
    def unconfirmed(self) -> int:
        """Outputs that wait for their publish ack."""
        return self._parts.window.waiting

    def tokens(self, subject: str) -> Mapping[str, str]:
        return self._parts.router.tokens(subject)

    def publish_id(self, origin: Origin, counter: int) -> str:
        return self._parts.ids.publish(origin, counter)

    # Deliveries come in.

    def _receive(self, incoming: Incoming) -> None:
        """Take over a delivery. A first one starts at once; one that was handed out before, when the ledger was asked."""
        self._unstarted += 1
        self._parts.settlement.take(incoming)
        self._parts.journal.hold(incoming)
        if self._stopping:
            if self._drained:
                self._parts.settlement.give_back(incoming)
        elif self._leaving and incoming.settler in self._leaving:
            self._departures.changed(incoming)
        elif self._plan.admits:
            self._entrance.put(incoming)
        else:
            self._enter(incoming)

    def _demand(self) -> int:
        if self._stopping or not self._taken_over:
            return 0
        room = self._most_held - len(self._held)
        ahead = self._parts.prefetch.allowed(self._stats.settled) - self._unstarted
        if self._parts.lanes is not None:
            ahead += min(self._parts.lanes.behind, _BEHIND)
        wanted = max(0, self._entrance.missing, min(room, ahead))
        if not wanted:
            self._starved = True  # until all are woken: another source may ask meanwhile, and get some
        return wanted

    def _enter(self, incoming: Incoming) -> None:
        if self._parts.lanes is not None:
            self._parts.lanes.put(incoming)
            if self._starved:
                self._wake()
        else:
            self._parts.start(incoming)

    def _begin(self, incoming: Incoming) -> None:
        """A slot has taken it."""
        if not incoming.started:
            incoming.started = True
            self._unstarted -= 1
            if self._starved:
                self._wake()

    # Deliveries are settled.

    def _settled(self, incoming: Incoming, outcome: Outcome) -> None:
        self._parts.journal.settled(incoming)
        if incoming in self._parts.admission.known or outcome == "dead-lettered":
            self._beside(self._parts.admission.settled(incoming, outcome))
        # At a stop, the next of its key would pass what is given back.
        if self._parts.lanes is not None and not self._stopping:
            self._parts.lanes.settled(incoming)
        if self._leaving:
            self._departures.changed(incoming)
        if not self._held:
            self._empty.set()
        if not incoming.started:
            self._unstarted -= 1
        if self._starved:
            self._wake()

    def _wake(self) -> None:
        """Have the sources ask for more: soon, and once for all that happens until then. To ask ourselves each time took 1 us of an event."""
        self._starved = False
        for session in self._sessions:
            session.wake()

    def _again(self, incoming: Incoming, after: float) -> None:
        if self._stopping or incoming.settler in self._leaving:
            self._parts.settlement.give_back(incoming)
        else:
            self._parts.repeats.put(incoming, after)

    def _abandon(self, session: Settler, reason: str) -> None:
        gone = [incoming for incoming in self._held if incoming.settler is session]
        self._log.warning("%d deliveries abandoned: %s", len(gone), reason)
        for incoming in gone:
            self._parts.settlement.abandon(incoming)

    def _fail(self, error: BaseException) -> None:
        self._fatal = self._fatal or error
        self._stopping = True
        self._stop.set()

    def _stand_down(self) -> None:
        """Leave it to newer replicas: an ordered worker can't give back what it can't read and go on, for newer events would pass it."""
        if not self._outdated:
            self._log.warning("stands down: a newer contract is current, and only one process keeps the order of a key")
        self._outdated = self._stopping = True
        self._stop.set()

    # The end.

    async def _finish(self) -> None:
        """The orderly shutdown: pull nothing more, give back what has not started, finish what has, within the grace."""
        self._stopping = True
        await self._drain()
        for incoming in list(self._held):
            self._give_back(incoming)
        grace = self._plan.options.grace
        try:
            async with asyncio.timeout(grace):
                while self._held:
                    self._empty.clear()
                    await self._empty.wait()
        except TimeoutError:
            self._log.warning("%d deliveries did not end within %g s and are given back", self.held, grace)

    def _give_back(self, incoming: Incoming) -> None:
        """Unless a handler works on it."""
        if not incoming.started or self._parts.repeats.cancel(incoming):
            self._parts.settlement.give_back(incoming)

    async def _release(self, part: OpenSource) -> None:
        await self._departures.depart(part)
        if isinstance(self._entrance, Entrances):
            self._entrance.close(part)

    async def _drain(self) -> None:
        """Have nothing more come. What comes meanwhile is held, and given back after it: before, it would come to us again."""
        self._parts.recovery.ending.set()
        await asyncio.gather(*(session.stop() for session in self._sessions))
        self._drained = True

    async def _end(self, tenders: list[asyncio.Task[None]]) -> None:
        """Whatever happened: nothing runs after this, and what was decided has reached the server, if it is there."""
        self._stopping = True
        for tender in tenders:
            tender.cancel()
        if not self._drained:
            await self._drain()
        await self._parts.slots.close()
        for incoming in list(self._held):
            self._parts.settlement.give_back(incoming)
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=_LAST_WORDS)
            for task in late:
                task.cancel()
        if self._plan.trial is not None:
            await self._plan.trial.close()
        for session in self._sessions:
            try:
                async with asyncio.timeout(_LAST_WORDS):
                    await session.settled()
            except (StreamworkerError, TimeoutError) as trouble:
                self._log.warning(
                    "the server may not have heard of the last settlements, and deliver again: %s", trouble
                )

    # How it is put together.

    def _only_entrance(self) -> Entrance:
        return Entrance(admit=self._parts.recovery.admit, enter=self._parts.start, beside=self._beside)

    def _entrances(self) -> Entrances:
        return Entrances(
            admit=self._parts.recovery.admit,
            enter=self._enter,
            beside=self._beside,
            held=lambda: tuple(self._held),
            wake=self._wake,
            log=self._log,
        )

    async def _open(
        self, source: EventSource[object], consumer: ConsumerOptions, share: int | None, stack: AsyncExitStack
    ) -> OpenSource:
        intake = Intake(
            receive=self._receive,
            demand=self._demand,
            abandon=self._abandon,
            release=self._release,
            fail=self._fail,
            share=share,
        )
        session = await source.open(intake, consumer)
        stack.push_async_callback(session.close)
        self._sessions.append(session)
        return session

    def _beside(self, work: Coroutine[object, object, None]) -> None:
        """Run `work` beside the slots; a shutdown waits for it. It must not fail: a bug there stops the worker, which is better than
        a delivery that is held for ever."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._went_well)

    def _went_well(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._log.critical("stopped by an error of streamworker's own", exc_info=error)
            self._fail(error)

    async def _heartbeats(self) -> None:
        """Tell the server that what is held is being worked on: every third of ack_wait, what is older than that."""
        third = self._plan.options.ack_wait / 3
        while True:
            await asyncio.sleep(third)
            self._parts.settlement.progress(third)


async def _first(*events: asyncio.Event) -> None:
    """Return when one of the events is set."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
