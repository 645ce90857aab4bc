"""Batches: events gathered by size or time, handled together, each settled by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from streamworker.delivery import Delivery, Incoming
from streamworker.engine.life import STOPS, Flight, Life
from streamworker.errors import ContractViolation, StreamworkerError
from streamworker.handler import Item
from streamworker.options import BatchOptions

Batch = Sequence[Incoming]


class Gathering:
    """Closes a batch at `max` deliveries, or `wait` seconds after its first."""

    def __init__(self, options: BatchOptions, put: Callable[[Batch], None]) -> None:
        self._options = options
        self._put = put
        self._open: list[Incoming] = []
        self._timer: asyncio.TimerHandle | None = None

    def add(self, incoming: Incoming) -> None:
        self._open.append(incoming)
        if len(self._open) >= self._options.max:
            self.close()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._options.wait, self.close)

    def close(self) -> None:
        """Hand on what was gathered."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._open:
            batch, self._open = self._open, []
            self._put(batch)


class BatchLife:
    """Handles batches: as `Life` for one delivery, with the items' own words in place of a return value."""

    def __init__(self, life: Life) -> None:
        self._life = life

    async def handle(self, batch: Batch, task: asyncio.Task[object]) -> None:
        """Decode all, handle those that could be, then settle each by itself. Raises only its cancellation."""
        items = await self._decode(batch)
        if not items:
            return
        error: BaseException | None = None
        for incoming in items:
            self._life.journal.running(incoming)
        try:
            await self._life.running.run(next(iter(items)), task, self._life.chain, list(items.values()))
        except STOPS:
            for incoming in items:
                self._life.settlement.give_back(incoming)
            raise
        except BaseException as raised:  # noqa: BLE001 - whatever a handler raises is classified, item by item
            error = raised
        for incoming in items:
            self._life.journal.cleared(incoming)
        for incoming, item in items.items():
            await self._settle(incoming, item, error)

    async def _decode(self, batch: Batch) -> dict[Incoming, Item[object, object]]:
        items: dict[Incoming, Item[object, object]] = {}
        for incoming in batch:
            if incoming.settled:
                continue
            self._life.begin(incoming)
            try:
                items[incoming] = Item(
                    self._life.decode(incoming.subject, incoming.data), Delivery(incoming, self._life.scope)
                )
            except ContractViolation as violation:
                await self._life.settlement.undecodable(incoming, violation)
        return items

    async def _settle(self, incoming: Incoming, item: Item[object, object], error: BaseException | None) -> None:
        outcome = item.outcome if item.outcome is not None else error
        if isinstance(outcome, BaseException):
            await self._life.fail(incoming, outcome)
            return
        try:
            outputs = self._life.outputs(incoming, outcome[0] if outcome else None)
        except StreamworkerError as error_of_output:
            await self._life.fail(incoming, error_of_output)
        else:
            flight = Flight(self._life, incoming, outputs, item.delivery.callbacks)
            while not flight.send():
                await self._life.window.room()
