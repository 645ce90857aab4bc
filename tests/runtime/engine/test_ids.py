"""Message ids: equal for the same output of the same input, different for any other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from streamworker.delivery import Origin
from streamworker.engine.ids import Ids

ORIGIN = Origin("ORDERS", 1_700_000_000_000_000_000, 7)
names = st.text("abc-", min_size=1, max_size=5)
origins = st.builds(Origin, names, st.integers(0, 2**63), st.integers(1, 2**63))


@given(names, names, origins, st.sets(st.tuples(st.sampled_from(["a.1", "a.2", "b"]), st.integers(0, 20)), max_size=6))
def test_the_same_input_gives_the_same_ids_and_no_two_alike(
    pipeline: str, worker: str, origin: Origin, outputs: set[tuple[str, int]]
) -> None:
    ids = [Ids(pipeline, worker).output(origin, *output) for output in outputs]
    assert ids == [Ids(pipeline, worker).output(origin, *output) for output in outputs]
    assert len(set(ids)) == len(outputs)


def test_ids_are_short_and_good_for_a_header() -> None:
    id = Ids("shop", "shipper").output(ORIGIN, "shipped.7")
    assert len(id) == 24
    assert id.isascii()
    assert id.isprintable()


def test_worker_pipeline_creation_and_sequence_all_count() -> None:
    here = Ids("shop", "shipper").output(ORIGIN, "shipped.7")
    others = [
        Ids("shop", "biller").output(ORIGIN, "shipped.7"),
        Ids("shop2", "shipper").output(ORIGIN, "shipped.7"),
        Ids("shop", "shipper").output(Origin("ORDERS", 1, 7), "shipped.7"),
        Ids("shop", "shipper").output(Origin("ORDERS", ORIGIN.created, 8), "shipped.7"),
        Ids("shop", "shipper").output(Origin("OTHERS", ORIGIN.created, 7), "shipped.7"),
        Ids("shop", "shipper").output(ORIGIN, "shipped.8"),
        Ids("shop", "shipper").output(ORIGIN, "shipped.7", 1),
        Ids("shop", "shipper").publish(ORIGIN, 0),
        Ids("shop", "shipper").letter(ORIGIN, 0),
    ]
    assert here not in others
    assert len(set(others)) == len(others)
