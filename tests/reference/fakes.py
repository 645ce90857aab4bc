"""The recorder's outside world in memory: each fake plays a role of `handlers.domain.ports`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from streamworker.errors import RevisionConflict

from generated.events import EpgNotice, RecordState, Rule, ServiceIndex, StoredProgram
from handlers.domain.booking import Answer, Order
from handlers.domain.errors import MirakcError, PageError
from handlers.domain.guide import NOTHING_KNOWN, Service, ServiceKey
from handlers.domain.ports import Kept
from handlers.domain.records import NEW
from tests.reference.events import CHANNEL


@dataclass
class FakeGuide:
    """`failing` is raised by the next call of either method."""

    programs_of: dict[int, dict[int, StoredProgram]] = field(default_factory=dict)
    failing: MirakcError | None = None

    async def service(self, service_id: int, /) -> Service:
        self._fail()
        return Service(service_id, "ＮＨＫ総合", CHANNEL)

    async def programs(self, service_id: int, /) -> Mapping[int, StoredProgram]:
        self._fail()
        return dict(self.programs_of.get(service_id, {}))

    def _fail(self) -> None:
        if self.failing:
            failing, self.failing = self.failing, None
            raise failing


@dataclass
class FakePrograms:
    indexes: dict[ServiceKey, Kept[ServiceIndex]] = field(default_factory=dict)
    rows: dict[tuple[ServiceKey, int, int], StoredProgram] = field(default_factory=dict)

    async def index(self, key: ServiceKey, /) -> Kept[ServiceIndex]:
        return self.indexes.get(key, Kept(NOTHING_KNOWN, 0))

    async def set_index(self, key: ServiceKey, index: ServiceIndex, /, *, after: int) -> int:
        if (await self.index(key)).revision != after:
            raise RevisionConflict("epg_index", str(key))
        self.indexes[key] = Kept(index, after + 1)
        return after + 1

    async def add(self, key: ServiceKey, programs: Mapping[int, StoredProgram], /, *, revision: int) -> None:
        self.rows |= {(key, id, revision): program for id, program in programs.items()}

    async def program(self, key: ServiceKey, program_id: int, revision: int, /) -> StoredProgram | None:
        return self.rows.get((key, program_id, revision))


@dataclass
class FakeNotifier:
    notices: list[EpgNotice] = field(default_factory=list)

    async def changed(self, notice: EpgNotice, /) -> None:
        self.notices.append(notice)


@dataclass
class FakeStates:
    states: dict[tuple[str, int], Kept[RecordState]] = field(default_factory=dict)

    async def state(self, tuner: str, program_id: int, /) -> Kept[RecordState]:
        return self.states.get((tuner, program_id), Kept(NEW, 0))

    async def set_state(self, tuner: str, program_id: int, state: RecordState, /, *, after: int) -> None:
        if (await self.state(tuner, program_id)).revision != after:
            raise RevisionConflict("records", f"{tuner}.{program_id}")
        self.states[tuner, program_id] = Kept(state, after + 1)


@dataclass
class FakeBookings:
    answer: Answer
    orders: list[Order] = field(default_factory=list)

    async def book(self, order: Order, /) -> Answer:
        self.orders.append(order)
        return self.answer


@dataclass
class FakeRules:
    rules: dict[str, Rule] = field(default_factory=dict)

    async def rule(self, rule_id: str, /) -> Rule | None:
        return self.rules.get(rule_id)


@dataclass
class FakeWeb:
    """`pages` and `pictures` hold what is found at an address, or the error that is."""

    pages: dict[str, str | PageError] = field(default_factory=dict)
    pictures: dict[str, bytes | PageError] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)

    async def page(self, address: str, /) -> tuple[str, str]:
        self.fetched.append(address)
        found = self.pages[address]
        if isinstance(found, PageError):
            raise found
        return found, address

    async def picture(self, address: str, /) -> bytes:
        self.fetched.append(address)
        found = self.pictures[address]
        if isinstance(found, PageError):
            raise found
        return found


@dataclass
class FakePictures:
    kept: dict[str, bytes] = field(default_factory=dict)

    async def contains(self, name: str, /) -> bool:
        return name in self.kept

    async def put(self, name: str, data: bytes, /) -> None:
        self.kept[name] = data
