"""What sound input becomes: the graph. (What wrong input is told stands in tests/golden/errors/.)"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamworker_codegen.graph import Graph, SseIngest, TimerIngest
from streamworker_codegen.load import load_documents
from streamworker_codegen.pipeline_file import load_pipeline
from streamworker_codegen.problems import Problem
from streamworker_codegen.registry import Registry
from streamworker_codegen.rules import check_graph

ROOT = Path(__file__).parent.parent.parent
EVENT = {
    "type": "object",
    "properties": {"id": {"type": "string", "format": "uuid"}, "at": {"type": "string"}},
    "required": ["id"],
}

STREAMS = 'pipeline: shop\nstreams: {S: {subjects: ["s.>"], max_age: 30d}}\n'
SUBJECTS = STREAMS + "subjects:\n  s.a.{id}: events/a.json\n  s.b.{id}: events/b.json\n  s.c.x: events/c.json\n"


def graph_of(schemas: Path) -> tuple[Graph, list[Problem]]:
    documents = load_documents(schemas)
    file = load_pipeline(schemas)
    assert documents.problems == ()
    assert file.problems == ()
    assert file.root is not None
    checked = check_graph(file.root, Registry(documents.files.values()))
    assert checked.graph is not None, "\n".join(map(str, checked.problems))
    return checked.graph, list(checked.problems)


def graph(root: Path, pipeline: str) -> Graph:
    events = root / "schemas" / "events"
    events.mkdir(parents=True)
    for name in "abc":
        (events / f"{name}.json").write_text(json.dumps(EVENT), "utf-8")
    (events / "tick.json").write_text(
        json.dumps({"type": "object", "required": ["at"], "properties": {"at": {}}}), "utf-8"
    )
    (root / "schemas" / "pipeline.yaml").write_text(pipeline, "utf-8")
    return graph_of(root / "schemas")[0]


def settings(graph: Graph, stream: str = "S") -> dict[str, object]:
    return {name: value for each in graph.streams if each.name == stream for name, value in each.settings.items()}


def test_the_reference_pipeline_is_sound() -> None:
    found, _ = graph_of(ROOT / "schemas")
    assert found.pipeline == "recorder"
    assert {worker.name for worker in found.workers} >= {"epg-updater", "program-fanout", "scheduler", "record-watcher"}
    watcher = next(worker for worker in found.workers if worker.name == "record-watcher")
    assert [subject.event.name for subject in watcher.source] == ["RecordingFailed", "RecordingRecordSaved"]
    assert watcher.options == {"order_by": "source.tuner"}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("s.a.*", ["s.a.{id}"]),
        ("s.a.{id}", ["s.a.{id}"]),
        ("s.*.*", ["s.a.{id}", "s.b.{id}", "s.c.x"]),
        ("s.>", ["s.a.{id}", "s.b.{id}", "s.c.x"]),
        ("[s.c.x, s.a.>, s.a.*]", ["s.a.{id}", "s.c.x"]),
    ],
)
def test_a_source_is_the_declared_subjects_that_it_matches_in_their_order(
    tmp_path: Path, source: str, expected: list[str]
) -> None:
    found = graph(
        tmp_path, f"{SUBJECTS}workers: {{w: {{source: {json.dumps(source) if '{' in source else source}}}}}\n"
    )
    assert [subject.name for subject in found.workers[0].source] == expected
    assert found.workers[0].emit == "none"


def test_options_are_a_workers_own_over_the_defaults_and_only_what_differs_is_said(tmp_path: Path) -> None:
    found = graph(
        tmp_path,
        SUBJECTS + "defaults: {concurrency: 8, timeout: 5m, retry: {attempts: 7, delay: 2s}}\n"
        "workers:\n"
        "  one: {source: s.a.*}\n"
        "  two: {source: s.a.*, concurrency: 64, ack_wait: 500ms, retry: {delay: 1s..1m}, batch: {max: 5, wait: 1s}}\n",
    )
    assert found.workers[0].options == {"concurrency": 8, "retry": {"attempts": 7, "shortest": 2.0, "longest": 2.0}}
    assert found.workers[1].options == {"ack_wait": 0.5, "retry": {"attempts": 7}, "batch": {"max": 5}}


def test_a_window_covers_the_attempts_and_the_outage(tmp_path: Path) -> None:
    """attempts x (ack_wait + timeout + longest delay) + outage, of the worker that needs most."""
    found = graph(
        tmp_path,
        "outage: 1m\n" + SUBJECTS + "workers:\n"
        '  short: {source: s.a.*, sink: "s.b.{id}", timeout: 1s, retry: {attempts: 1}}\n'
        "  long: {source: s.a.*, sink: s.c.x, timeout: 10s, ack_wait: 20s, retry: {attempts: 3, delay: 1s..30s}}\n",
    )
    assert settings(found)["duplicate_window"] == 3 * (20 + 10 + 30) + 60


@pytest.mark.parametrize(
    ("stream", "window"),
    [
        ("max_age: 30d, duplicate_window: 2h", 7200.0),
        ("max_age: 1m, delivery: at-least-once", 60.0),
        ("storage: memory, max_msgs: 5, delivery: latest", None),
        ("max_bytes: 1GiB, discard: new", 2250.0),
    ],
)
def test_a_stream_that_keeps_its_ids_or_says_that_it_does_not_is_taken(
    tmp_path: Path, stream: str, window: float | None
) -> None:
    pipeline = SUBJECTS.replace("max_age: 30d", stream) + 'workers: {w: {source: s.a.*, sink: "s.b.{id}"}}\n'
    assert settings(graph(tmp_path, pipeline)).get("duplicate_window") == window


def test_a_stream_that_nothing_writes_to_has_the_servers_window(tmp_path: Path) -> None:
    assert settings(graph(tmp_path, SUBJECTS)) == {"max_age": 2_592_000.0}


def test_dead_letters_have_a_stream_by_default_that_refuses_rather_than_forgets(tmp_path: Path) -> None:
    found = graph(tmp_path, SUBJECTS).dead_letters
    assert (found.name, found.subjects) == ("SHOP_DEAD_LETTERS", ("dead-letters.shop.>",))
    assert found.settings == {"max_age": 2_592_000.0, "discard": "new", "duplicate_window": 420.0}


def test_dead_letters_know_ids_as_long_as_the_slowest_worker_may_try(tmp_path: Path) -> None:
    """A server that was killed may have forgotten that the event of a letter was settled: it comes again, and so does its letter."""
    worker = "workers: {w: {source: s.a.*, timeout: 10m, retry: {attempts: 2, delay: 1s..5m}, ack_wait: 1m}}\n"
    found = graph(tmp_path, SUBJECTS + worker).dead_letters
    assert found.settings["duplicate_window"] == 2 * (600 + 300 + 60) + 300


def test_the_long_form_of_a_subject(tmp_path: Path) -> None:
    found = graph(
        tmp_path,
        STREAMS + 'subjects:\n  "s.{id}": {event: events/a.json, name: ANY, readers: external, unknown: pass}\n',
    )
    (subject,) = found.subjects
    assert (subject.constant, subject.readers, subject.unknown, subject.filter) == ("ANY", "external", "pass", "s.*")


def test_a_worker_may_loop_where_it_says_so(tmp_path: Path) -> None:
    assert graph(tmp_path, SUBJECTS + 'workers: {w: {source: s.a.*, sink: "s.a.{id}", loop: allowed}}\n').workers


def test_feeds_timers_buckets_and_services(tmp_path: Path) -> None:
    found = graph(
        tmp_path,
        SUBJECTS.replace("events/c.json", "events/tick.json") + "ingest:\n"
        '  feed: {sse: "${URL}/events", id: "{id}", events: {a: "s.a.{id}", "*": stop}, idle: 1m, reconnect: 2s..4s}\n'
        "  tick: {every: 10m, subject: s.c.x}\n"
        "buckets:\n"
        '  kept: {key: "{a}.b.{c}", value: events/c.json, ttl: 30d}\n'
        "  files: {objects: true, replicas: 3}\n"
        'http: {web: {url: "${URL:-http://localhost}"}}\n',
    )
    feed, tick = found.ingests
    assert isinstance(feed, SseIngest)
    assert isinstance(tick, TimerIngest)
    assert {name: subject.name for name, subject in feed.events.items()} == {"a": "s.a.{id}"}
    assert feed.settings == {"id": "{id}", "unmapped": "stop", "idle": 60.0, "shortest": 2.0, "longest": 4.0}
    assert (tick.every, tick.subject.name) == (600.0, "s.c.x")
    kept, files = found.buckets
    assert (kept.key, kept.value and kept.value.name, kept.settings) == ("{a}.b.{c}", "C", {"ttl": 2_592_000.0})
    assert (files.value, files.settings) == (None, {"replicas": 3})
    assert (found.http[0].url, found.http[0].timeout) == ("${URL:-http://localhost}", 10.0)
    assert [event.name for event in found.values] == ["C"]
