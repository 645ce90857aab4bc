"""The report at the end."""

from __future__ import annotations

import pytest
from streamworker.app.figures import Figures, IngestFigures, State, WorkerFigures
from streamworker.app.report import Report

STOPPED = State("stopped")


def lines(*parts: WorkerFigures | IngestFigures, seconds: float = 83.0) -> list[str]:
    workers = [part for part in parts if isinstance(part, WorkerFigures)]
    ingests = [part for part in parts if isinstance(part, IngestFigures)]
    figures = Figures(at=1.0, workers=workers, ingests=ingests)
    return Report(pipeline="recorder", figures=figures, ended="stopped by SIGTERM", seconds=seconds).lines()


def test_each_part_has_a_line_that_adds_up() -> None:
    ingest = IngestFigures(name="mirakc", state=STOPPED, received=7312, published=7300, refused=2, dropped=3, held=7)
    worker = WorkerFigures(
        name="record-watcher",
        state=STOPPED,
        received=120,
        acked=100,
        ignored=2,
        retried=10,
        dead_lettered=5,
        given_back=3,
        abandoned=1,
        held=1,
        published=95,
        duplicates=4,
    )

    assert lines(worker, ingest) == [
        "recorder ran for 1 min 23 s: stopped by SIGTERM",
        "  mirakc          7,312 in = 7,300 published + 2 refused + 3 dropped + 7 unpublished",
        "  record-watcher  120 in = 100 acked (2 ignored) + 10 retried + 5 dead-lettered + 3 given back + 1 abandoned"
        " + 1 unsettled; 95 published (4 duplicates)",
    ]


def test_what_is_zero_is_left_out() -> None:
    assert lines(WorkerFigures(name="idle", state=STOPPED))[1] == "  idle  0 in = 0 acked; 0 published"


def test_figures_that_do_not_add_up_are_said_to_be_our_fault() -> None:
    assert lines(WorkerFigures(name="w", state=STOPPED, received=3, acked=1))[-1] == (
        "w: 2 of 3 are not accounted for: a fault of streamworker, please report it"
    )


def test_what_failed_is_named_with_its_error() -> None:
    failed = WorkerFigures(name="w", state=State("failed", "TunerBusy: all tuners are in use"))
    assert lines(failed)[-1] == "w failed: TunerBusy: all tuners are in use"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.04, "0.0 s"), (59.94, "59.9 s"), (83, "1 min 23 s"), (3600, "1 h 0 min"), (90061, "25 h 1 min")],
)
def test_durations(seconds: float, told: str) -> None:
    assert lines(seconds=seconds) == [f"recorder ran for {told}: stopped by SIGTERM"]
