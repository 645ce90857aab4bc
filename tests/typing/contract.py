"""A contract as `generate` writes it: events, and a worker of every shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, final

from streamworker.contract import Event
from streamworker.handler import Item
from streamworker.options import BatchOptions, WorkerOptions
from streamworker.spec import WorkerSpec
from streamworker.subject import Subject


@final
class Placed(Event):
    order: str


@final
class Paid(Event):
    order: str


@final
class Shipped(Event):
    order: str


@final
class Refused(Event):
    """Of the same shape as Shipped, and another type."""

    order: str


PLACED: Final = Subject("placed.{order}", Placed)
PAID: Final = Subject("paid.{order}", Paid)
SHIPPED: Final = Subject("shipped.{order}", Shipped)
REFUSED: Final = Subject("refused.{order}", Refused)

one: Final = WorkerSpec[Placed, Paid](name="one", source=(PLACED,), sink=(PAID,), emit="one")
maybe: Final = WorkerSpec[Placed, Paid | None](name="maybe", source=(PLACED,), sink=(PAID,), emit="maybe")
many: Final = WorkerSpec[Placed, Sequence[Paid]](name="many", source=(PLACED,), sink=(PAID,), emit="many")
no_sink: Final = WorkerSpec[Placed, None](name="no-sink", source=(PLACED,), emit="none")
union_source: Final = WorkerSpec[Placed | Paid, Shipped | None](
    name="union-source", source=(PLACED, PAID), sink=(SHIPPED,), emit="maybe"
)
several_sinks: Final = WorkerSpec[Placed, Shipped | Refused](
    name="several-sinks", source=(PLACED,), sink=(SHIPPED, REFUSED), emit="one"
)
batch: Final = WorkerSpec[Sequence[Item[Placed, Paid | None]], None](
    name="batch",
    source=(PLACED,),
    sink=(PAID,),
    emit="maybe",
    options=WorkerOptions(batch=BatchOptions(max=100)),
)
batch_of_one: Final = WorkerSpec[Sequence[Item[Placed, Paid]], None](
    name="batch-of-one",
    source=(PLACED,),
    sink=(PAID,),
    emit="one",
    options=WorkerOptions(batch=BatchOptions(max=100)),
)
