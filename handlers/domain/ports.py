"""What the recorder needs from outside, as roles. `infrastructure` plays them, and fakes do in tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeAlias, TypeVar

from generated.events import EpgNotice, RecordState, Rule, ServiceIndex, Source, StoredProgram
from handlers.domain.booking import Answer, Order
from handlers.domain.guide import Service, ServiceKey

V = TypeVar("V")

Clock: TypeAlias = Callable[[], datetime]


@dataclass(frozen=True)
class Kept(Generic[V]):
    """A value as it was read. `revision` is what writing in its place takes; 0 where nothing was there."""

    value: V
    revision: int


class Guide(Protocol):
    """mirakc's programme guide. Every method raises a MirakcError."""

    async def service(self, service_id: int, /) -> Service: ...
    async def programs(self, service_id: int, /) -> Mapping[int, StoredProgram]:
        """All programmes of a service by id; none at all just after mirakc has started."""
        ...


class Bookings(Protocol):
    """mirakc's recording schedules."""

    async def book(self, order: Order, /) -> Answer:
        """Book, or learn that it is booked already. Raises Unavailable or Garbled."""
        ...


OpenGuide: TypeAlias = Callable[[Source], Guide]
"""The guide of the mirakc that an event came from."""
OpenBookings: TypeAlias = Callable[[Source], Bookings]


class ProgramReader(Protocol):
    async def program(self, key: ServiceKey, program_id: int, revision: int, /) -> StoredProgram | None:
        """A programme as that revision was; None where it is not to be had (any more)."""
        ...


class ProgramRepository(ProgramReader, Protocol):
    """Programmes by revision, and an index of each service's."""

    async def index(self, key: ServiceKey, /) -> Kept[ServiceIndex]: ...
    async def set_index(self, key: ServiceKey, index: ServiceIndex, /, *, after: int) -> int:
        """Write in place of revision `after`; returns the new one. Raises RevisionConflict where somebody else was first."""
        ...

    async def add(self, key: ServiceKey, programs: Mapping[int, StoredProgram], /, *, revision: int) -> None: ...


class EpgNotifier(Protocol):
    async def changed(self, notice: EpgNotice, /) -> None:
        """Tell who shows a guide. Never raises: nobody may be listening."""


class RuleBook(Protocol):
    async def rule(self, rule_id: str, /) -> Rule | None: ...


class RecordStates(Protocol):
    """What is known of each programme's recordings."""

    async def state(self, tuner: str, program_id: int, /) -> Kept[RecordState]: ...
    async def set_state(self, tuner: str, program_id: int, state: RecordState, /, *, after: int) -> None: ...


class Web(Protocol):
    """Pages and pictures. Every method raises a PageError."""

    async def page(self, address: str, /) -> tuple[str, str]:
        """A page's HTML, and the address that it was found at in the end."""
        ...

    async def picture(self, address: str, /) -> bytes: ...


class Pictures(Protocol):
    """Pictures that are kept, by name."""

    async def contains(self, name: str, /) -> bool: ...
    async def put(self, name: str, data: bytes, /) -> None: ...
