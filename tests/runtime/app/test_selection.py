"""Which parts of a pipeline are to run."""

from __future__ import annotations

import pytest
from streamworker.app.selection import selected
from streamworker.errors import ConfigurationError
from streamworker.ingest.spec import SseSpec
from streamworker.pipeline import Pipeline
from streamworker.resources import Stream
from streamworker.spec import BoundWorker, WorkerSpec


def worker(name: str) -> BoundWorker:
    return BoundWorker(WorkerSpec[int, None](name=name, source=(), emit="none"), print, None)


PIPELINE = Pipeline(
    name="recorder",
    streams=(),
    dead_letters=Stream(name="DEAD", subjects=("dead.>",)),
    subjects=(),
    workers=(worker("epg-updater"), worker("record-watcher")),
    ingests=(SseSpec(name="mirakc", url="http://tv", events={}, id="{id}"),),
)


def test_without_names_all_of_it_runs() -> None:
    assert selected(PIPELINE, ()) is PIPELINE


def test_workers_and_ingests_are_named_alike() -> None:
    some = selected(PIPELINE, ["mirakc", "record-watcher", "mirakc"])

    assert [worker.spec.name for worker in some.workers] == ["record-watcher"]
    assert [ingest.name for ingest in some.ingests] == ["mirakc"]


def test_unknown_names_are_told_at_once_with_what_may_be_meant() -> None:
    with pytest.raises(ConfigurationError) as raised:
        selected(PIPELINE, ["record_watchr", "mirakc", "screens"])

    assert str(raised.value) == (
        "recorder has no worker or ingest record_watchr; did you mean record-watcher?\n"
        "recorder has no worker or ingest screens\n"
        "  there are: epg-updater, record-watcher, mirakc"
    )
