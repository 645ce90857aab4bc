"""The parts of an engine, put together: what a plan becomes before its worker runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TypeAlias

from streamworker.delivery import Incoming, Scope
from streamworker.engine.admission import Admission
from streamworker.engine.backing import Backing
from streamworker.engine.batch import Batch, BatchLife, Gathering
from streamworker.engine.classification import Classification
from streamworker.engine.ids import Ids
from streamworker.engine.journal import Journal
from streamworker.engine.life import Life, Sink
from streamworker.engine.order import Lanes, Repeats, field_of
from streamworker.engine.prefetch import Prefetch
from streamworker.engine.recovery import Recovery
from streamworker.engine.routing import Router
from streamworker.engine.settlement import Outcome, Settlement
from streamworker.engine.slots import Slots
from streamworker.engine.stats import WorkerStats
from streamworker.engine.suspects import Trial
from streamworker.engine.timeouts import Running
from streamworker.engine.window import Window
from streamworker.options import Emit, WorkerOptions
from streamworker.sources.base import EventSource
from streamworker.spec import AnyHandle

AnySlots: TypeAlias = Slots[Incoming] | Slots[Batch]
Start: TypeAlias = Callable[[Incoming], None]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All that an engine needs to know of its worker. `handle` has its middleware around it.

    journals: the folder of this machine's journals; None keeps none. trial: where suspects are tried; None runs them alone.
    admits: whether redelivered events are looked up in the ledger; another process has done so for what comes through a pipe.
    """

    pipeline: str
    worker: str
    durable: str
    source: EventSource[object]
    sink: Sink | None
    handle: AnyHandle
    emit: Emit
    options: WorkerOptions
    classification: Classification
    backing: Backing
    journals: Path | None = None
    trial: Trial | None = None
    admits: bool = True

    @property
    def is_pinned(self) -> bool:
        """Whether one process at a time works, or works on each partition, so that the order of a key is kept."""
        return self.options.order_by is not None


@dataclass(frozen=True, kw_only=True)
class Hooks:
    """What the parts tell the engine: that a delivery enters, begins, is settled, is to be handled again after so many seconds; that an
    error stops the worker; that a newer replica has to take over; and that a coroutine is to run beside the slots."""

    enter: Callable[[Incoming], None]
    begin: Callable[[Incoming], None]
    settled: Callable[[Incoming, Outcome], None]
    again: Callable[[Incoming, float], None]
    fail: Callable[[BaseException], None]
    outdated: Callable[[], None]
    beside: Callable[[Coroutine[object, object, None]], None]


class Parts:
    """Everything that handles deliveries, for one worker. start: puts a delivery into the slots, by itself or gathered."""

    def __init__(self, plan: Plan, stats: WorkerStats, scope: Scope, hooks: Hooks, log: logging.Logger) -> None:
        options = plan.options
        self.router = Router(plan.source.subjects)
        self.ids = Ids(plan.pipeline, plan.worker)
        self.window = Window(options.max_unconfirmed)
        self.running = Running(options.timeout)
        self.prefetch = Prefetch(options, monotonic)
        self.journal = Journal()
        self.admission = Admission(
            plan.worker,
            plan.backing.ledger,
            self.journal,
            log,
            has_child=plan.trial is not None,
        )
        self.settlement = self._settlement(plan, stats, hooks, log)
        self.slots, self.start, start_alone = _slots(options, self._life(plan, scope, hooks))
        self.lanes = Lanes(field_of(options.order_by), self.start) if options.order_by else None
        self.repeats = Repeats(self.start)
        self.recovery = self._recovery(plan, hooks, start_alone, log)

    def _settlement(self, plan: Plan, stats: WorkerStats, hooks: Hooks, log: logging.Logger) -> Settlement:
        return Settlement(
            worker=plan.worker,
            stats=stats,
            classification=plan.classification,
            retry=plan.options.retry,
            ledger=plan.backing.ledger,
            letters=plan.backing.letters,
            ids=self.ids,
            on_stop=hooks.fail,
            is_current=plan.backing.is_current,
            settled=hooks.settled,
            in_place=plan.options.order_by is not None,
            outdated=hooks.outdated,
            held={},
            log=log,
        )

    def _life(self, plan: Plan, scope: Scope, hooks: Hooks) -> Life:
        return Life(
            scope=scope,
            decode=self.router.decode,
            chain=plan.handle,
            sink=plan.sink,
            emit=plan.emit,
            ids=self.ids,
            settlement=self.settlement,
            window=self.window,
            running=self.running,
            journal=self.journal,
            begin=hooks.begin,
            again=hooks.again,
            beside=hooks.beside,
        )

    def _recovery(self, plan: Plan, hooks: Hooks, start_alone: Start, log: logging.Logger) -> Recovery:
        return Recovery(
            worker=plan.worker,
            admission=self.admission,
            settlement=self.settlement,
            journal=self.journal,
            folder=plan.journals,
            trial=plan.trial,
            start=hooks.enter,
            start_alone=start_alone,
            begin=hooks.begin,
            beside=hooks.beside,
            in_order=plan.is_pinned,
            ending=asyncio.Event(),
            log=log,
        )


def _slots(options: WorkerOptions, life: Life) -> tuple[AnySlots, Start, Start]:
    """The slots, and how a delivery gets into them: by itself or gathered; and how it runs alone."""
    if options.batch is None:
        single = Slots(options.concurrency, life.handle)
        return single, single.put, single.put_alone
    batches = Slots(options.concurrency, BatchLife(life).handle)
    return batches, Gathering(options.batch, batches.put).add, lambda incoming: batches.put_alone((incoming,))
