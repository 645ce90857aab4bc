"""epg-updater and program-fanout, called as what they are."""

from __future__ import annotations

import pytest
from streamworker.testing import deliver

from generated.events import ChangedProgram, EpgProgramChanged, EpgStored, OgpPageDiscovered
from handlers.domain.errors import Garbled, ProgramMissing, Unavailable
from handlers.domain.guide import NOTHING_KNOWN, UNKNOWN_PROGRAM, ServiceKey
from handlers.domain.ports import Kept
from handlers.epg_updater import EpgUpdater
from handlers.program_fanout import ProgramFanout
from tests.reference.events import NOW, SERVICE_ID, SOURCE, program, programs_updated, stored
from tests.reference.fakes import FakeGuide, FakeNotifier, FakePrograms

KEY = ServiceKey("tuner1", SERVICE_ID)


class Bench:
    """An updater among fakes."""

    def __init__(self) -> None:
        self.guide, self.programs, self.notifier = FakeGuide(), FakePrograms(), FakeNotifier()
        self._updater = EpgUpdater(self.programs, self.notifier, lambda _source: self.guide, lambda: NOW)

    def shows(self, **titles: str) -> None:
        self.guide.programs_of[SERVICE_ID] = {int(id[1:]): program(title) for id, title in titles.items()}

    async def update(self, sequence: int, *, dies: bool = False) -> EpgStored | None:
        return await deliver(lambda: self._updater.handle(programs_updated()), sequence=sequence, dies=dies)

    @property
    def index(self) -> Kept[object]:
        return Kept(self.programs.indexes[KEY].value, self.programs.indexes[KEY].revision)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def told(event: EpgStored | None) -> list[tuple[int, str, int]]:
    return [(it.program_id, it.change, it.revision) for it in event.changed] if event else []


async def test_a_change_is_stored_told_and_noticed(bench: Bench) -> None:
    bench.shows(p1="a", p2="b")
    event = await bench.update(1)
    assert event is not None
    assert (event.source, event.service_name, event.program_count) == (SOURCE, "ＮＨＫ総合", 2)
    assert told(event) == [(1, "added", 1), (2, "added", 1)]
    assert bench.programs.rows[KEY, 1, 1] == program("a")
    assert [(it.service_id, it.revision, it.changes) for it in bench.notifier.notices] == [(SERVICE_ID, 1, 2)]


async def test_a_flush_without_a_change_says_nothing(bench: Bench) -> None:
    """mirakc flushes changed or not, and again for everyone who connects."""
    bench.shows(p1="a")
    assert await bench.update(1) is not None
    assert [await bench.update(sequence) for sequence in range(2, 8)] == [None] * 6
    assert len(bench.notifier.notices) == 1


async def test_an_empty_list_changes_nothing(bench: Bench) -> None:
    bench.shows(p1="a")
    await bench.update(1)
    bench.shows()
    assert await bench.update(2) is None
    assert set(bench.programs.indexes[KEY].value.programs) == {"1"}


async def test_a_removed_programme_keeps_what_it_was(bench: Bench) -> None:
    bench.shows(p1="a", p2="b")
    await bench.update(1)
    bench.shows(p2="b")
    assert told(await bench.update(2)) == [(1, "removed", 2)]
    assert bench.programs.rows[KEY, 1, 2] == program("a")


async def test_a_removed_programme_that_nobody_kept_is_unknown(bench: Bench) -> None:
    bench.shows(p1="a", p2="b")
    await bench.update(1)
    bench.programs.rows.clear()
    bench.shows(p2="b")
    await bench.update(2)
    assert bench.programs.rows[KEY, 1, 2] == UNKNOWN_PROGRAM


async def test_a_retry_after_a_crash_says_what_the_first_attempt_said(bench: Bench) -> None:
    """Its event may be stored: another one under the same id would be dropped, and what it says with it."""
    bench.shows(p1="a")
    first = await bench.update(1, dies=True)
    bench.shows(p1="a", p2="b")
    assert await bench.update(1) == first
    assert told(await bench.update(2)) == [(2, "added", 2)]


async def test_what_a_dead_delivery_left_untold_is_told_by_the_next(bench: Bench) -> None:
    bench.shows(p1="a")
    await bench.update(1, dies=True)
    bench.shows(p1="a", p2="b")
    assert told(await bench.update(2)) == [(1, "added", 1), (2, "added", 2)]


async def test_a_delivery_that_was_overtaken_says_nothing(bench: Bench) -> None:
    """The later one has looked already; what this one would add under its id could be dropped as said."""
    bench.shows(p1="a")
    await bench.update(1, dies=True)
    await bench.update(2)
    bench.shows(p1="a", p2="b")
    assert await bench.update(1) is None
    assert told(await bench.update(3)) == [(2, "added", 3)]


async def test_a_failing_mirakc_leaves_everything_as_it_was(bench: Bench) -> None:
    bench.shows(p1="a")
    for failing in (Unavailable("500"), Garbled("<html>")):
        bench.guide.failing = failing
        with pytest.raises(type(failing)):
            await bench.update(1)
    assert (bench.programs.rows, await bench.programs.index(KEY)) == ({}, Kept(NOTHING_KNOWN, 0))


async def test_the_fanout_yields_each_programme_and_each_page_once() -> None:
    programs = FakePrograms()
    pages = "https://a.invalid/1 https://a.invalid/1 https://a.invalid/2"
    await programs.add(KEY, {1: program("a", 内容=pages), 2: program("b", 内容=pages), 3: program("c")}, revision=4)
    event = stored(*(ChangedProgram(program_id=id, change="added", revision=4) for id in (1, 2, 3)))
    outputs = await ProgramFanout(programs).handle(event)
    assert [it.title for it in outputs if isinstance(it, EpgProgramChanged)] == ["a", "b", "c"]
    assert [(it.url, it.program_id) for it in outputs if isinstance(it, OgpPageDiscovered)] == [
        ("https://a.invalid/1", 1),
        ("https://a.invalid/2", 1),
    ]


async def test_the_fanout_reads_a_programme_as_the_event_names_it() -> None:
    """What has changed since is another event's to say: the same event always yields the same."""
    programs = FakePrograms()
    await programs.add(KEY, {1: program("a")}, revision=1)
    event = stored(ChangedProgram(program_id=1, change="added", revision=1))
    before = await ProgramFanout(programs).handle(event)
    await programs.add(KEY, {1: program("b", 内容="https://a.invalid/1")}, revision=2)
    assert await ProgramFanout(programs).handle(event) == before


async def test_the_fanout_names_no_pages_of_removed_programmes() -> None:
    programs = FakePrograms()
    await programs.add(KEY, {1: program("a", 内容="https://a.invalid/1")}, revision=2)
    (only,) = await ProgramFanout(programs).handle(stored(ChangedProgram(program_id=1, change="removed", revision=2)))
    assert isinstance(only, EpgProgramChanged)
    assert (only.change, only.title) == ("removed", "a")


async def test_the_fanout_is_tried_again_where_a_programme_is_not_there_yet() -> None:
    with pytest.raises(ProgramMissing, match="1 at revision 4"):
        await ProgramFanout(FakePrograms()).handle(stored(ChangedProgram(program_id=1, change="added", revision=4)))
