"""Workers of one event and of batches, run in memory to their end: middleware is tried on the engine that calls it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from pydantic import BaseModel
from streamworker.engine.assembly import assemble
from streamworker.engine.backing import in_memory
from streamworker.engine.stats import WorkerStats
from streamworker.handler import Item
from streamworker.options import BatchOptions, RetryOptions, WorkerOptions
from streamworker.sources.memory import MemorySource
from streamworker.spec import BoundWorker, WorkerSpec
from streamworker.subject import Subject
from streamworker.testing import FakeResources


class Order(BaseModel):
    number: int
    card: str = "secret"


ORDERS = Subject("orders.{number}", Order)
_TWICE = RetryOptions(attempts=2, shortest=0.01, longest=0.02)

biller = WorkerSpec[Order, None](name="biller", source=(ORDERS,), emit="none", options=WorkerOptions(retry=_TWICE))
packer = WorkerSpec[Sequence[Item[Order, None]], None](
    name="packer",
    source=(ORDERS,),
    emit="none",
    options=WorkerOptions(batch=BatchOptions(max=3, wait=0.05), retry=_TWICE),
)


async def work(bound: BoundWorker, *numbers: int) -> WorkerStats:
    """Have a worker handle orders of these numbers until each is settled."""
    source = MemorySource(ORDERS)
    worker = assemble(bound, pipeline="shop", source=source, sink=None, resources=FakeResources(), backing=in_memory)
    for number in numbers:
        source.put(f"orders.{number}", ORDERS.encode(Order(number=number)))
    shutdown = asyncio.Event()
    running = asyncio.create_task(worker.run(shutdown))
    deadline = time.monotonic() + 10
    while not await worker.drained():
        assert time.monotonic() < deadline, "it has not handled all within 10 s"
        await asyncio.sleep(0.005)
    shutdown.set()
    await running
    return worker.stats
