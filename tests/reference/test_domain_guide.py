"""What is said of a guide's changes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from generated.events import ServiceIndex, StoredProgram
from handlers.domain.guide import NOTHING_KNOWN, Announcer, advanced, announced, changed_at, fingerprint
from tests.reference.events import NOW, program

US = Announcer("STATE@1", 7)

guides = st.dictionaries(st.integers(1, 20), st.sampled_from([program("a"), program("b"), program(None)]), max_size=12)


def looked(known: ServiceIndex, listed: dict[int, StoredProgram], sequence: int) -> ServiceIndex:
    return advanced(known, listed, Announcer("STATE@1", sequence), NOW) or known


def test_what_is_new_changed_or_gone_is_told_by_program() -> None:
    known = announced_all(looked(NOTHING_KNOWN, {1: program("a"), 2: program("b"), 3: program("c")}, 1))
    index = advanced(known, {1: program("a"), 2: program("B"), 4: program("d")}, US, NOW)
    assert index is not None
    assert index.latest is not None
    assert [(it.program_id, it.change, it.revision) for it in index.latest.changed] == [
        (2, "updated", 2),
        (3, "removed", 2),
        (4, "added", 2),
    ]
    assert changed_at(index, index.latest) == [2, 3, 4]


def test_nothing_is_told_where_nothing_has_changed() -> None:
    known = announced_all(looked(NOTHING_KNOWN, {1: program("a")}, 1))
    assert advanced(known, {1: program("a")}, US, NOW) is None


def test_what_was_left_untold_is_told_along_as_it_was() -> None:
    """The revision of the untold change stays: what is kept under it is what it was."""
    untold = looked(NOTHING_KNOWN, {1: program("a"), 2: program("b")}, 1)
    index = looked(untold, {1: program("a"), 2: program("B")}, 2)
    assert index.latest is not None
    assert [(it.program_id, it.revision) for it in index.latest.changed] == [(1, 1), (2, 2)]
    assert changed_at(index, index.latest) == [2]


@given(st.lists(guides, max_size=6), st.data())
def test_whatever_dies_in_between_a_listener_ends_up_with_the_guide(
    looks: list[dict[int, StoredProgram]], data: st.DataObject
) -> None:
    """Changes that are indexed and never told reach the listener with a later one."""
    index, heard = NOTHING_KNOWN, set[int]()
    for sequence, listed in enumerate([*looks, {99: program("last")}], start=1):
        index = looked(index, listed, sequence)
        is_last = sequence == len(looks) + 1
        if index.latest and (is_last or data.draw(st.booleans())):
            for it in index.latest.changed:
                (heard.discard if it.change == "removed" else heard.add)(it.program_id)
            index = announced(index, index.latest)
    assert heard == {99}
    assert set(index.programs) == {"99"}


@given(guides, guides)
def test_the_same_guide_is_told_in_the_same_order(
    before: dict[int, StoredProgram], after: dict[int, StoredProgram]
) -> None:
    known = looked(NOTHING_KNOWN, before, 1)
    assert advanced(known, after, US, NOW) == advanced(known, dict(reversed(after.items())), US, NOW)


def test_programmes_that_differ_anywhere_have_two_fingerprints() -> None:
    kinds = [program("a"), program("b"), program(None), program("a", 出演者="x"), program("a", 出演者="y")]
    assert len({fingerprint(it) for it in kinds}) == len(kinds)


def test_a_later_look_overtakes_an_earlier_one_on_the_same_stream_alone() -> None:
    change = looked(NOTHING_KNOWN, {1: program("a")}, 5).latest
    assert Announcer("STATE@1", 4).is_overtaken_by(change)
    assert not Announcer("STATE@1", 6).is_overtaken_by(change)
    assert not Announcer("STATE@2", 4).is_overtaken_by(change)
    assert Announcer("STATE@1", 5).made(change)


def announced_all(index: ServiceIndex) -> ServiceIndex:
    assert index.latest is not None
    return announced(index, index.latest)
