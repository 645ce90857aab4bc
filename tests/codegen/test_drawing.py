"""The picture of a pipeline: the same each time, with everything in it, and readable where there is much."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from streamworker_codegen.drawing.dot import dot
from streamworker_codegen.drawing.flow import Flow, flow
from streamworker_codegen.drawing.mermaid import mermaid
from streamworker_codegen.handler_uses import Uses, read_uses
from streamworker_codegen.project import Project
from streamworker_codegen.reading import read_project

from tests.codegen.orders import put
from tests.codegen.shop import shop

ROOT = Path(__file__).parent.parent.parent
GOLDEN = ROOT / "tests/golden/drawing"


def drawn_shop() -> Flow:
    return flow(shop().graph, {"biller": Uses(resources=frozenset({"STOCK"}), subjects=frozenset({"TICKS"}))})


@pytest.mark.parametrize(("file", "write"), [("shop.mmd", mermaid), ("shop.dot", dot)], ids=["mermaid", "dot"])
def test_a_shop_of_every_shape_is_drawn_like_this(file: str, write: object) -> None:
    assert callable(write)
    text = write(drawn_shop())
    if os.environ.get("STREAMWORKER_ACCEPT"):
        put(GOLDEN, file, text)
    assert (GOLDEN / file).read_text("utf-8") == text


def test_the_drawing_does_not_depend_on_the_order_of_sets() -> None:
    command = [sys.executable, "-m", "streamworker.cli", "graph", "--project", str(ROOT)]
    texts = {
        subprocess.run(command, capture_output=True, check=True, env={**os.environ, "PYTHONHASHSEED": seed}).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1


def test_what_is_around_a_name_is_that_and_what_it_touches() -> None:
    drawn = drawn_shop().around(frozenset({"biller"}))
    names = {box.lines[0] for box in drawn.boxes}
    assert "biller" in names
    assert {arrow.start for arrow in drawn.arrows} | {arrow.end for arrow in drawn.arrows} == {
        box.id for box in drawn.boxes
    }
    assert all("worker_biller" in (arrow.start, arrow.end) for arrow in drawn.arrows)


def test_every_worker_subject_and_bucket_of_the_reference_pipeline_is_in_it() -> None:
    reading = read_project(Project(ROOT))
    assert reading.graph is not None
    names = set(flow(reading.graph, {}).names)
    graph = reading.graph
    assert names >= {
        each.name for part in (graph.workers, graph.subjects, graph.streams, graph.buckets) for each in part
    }


def test_names_that_would_end_a_text_are_escaped() -> None:
    drawn = drawn_shop()
    box = replace(drawn.boxes[0], lines=('a"#<b>\\',))
    odd = Flow('x"y', (box,), ())
    assert "a#quot;#35;#lt;b#gt;\\" in mermaid(odd)
    assert 'label="a\\"#<b>\\\\"' in dot(odd)
    assert 'digraph "x\\"y" {' in dot(odd)


def test_a_handlers_buckets_are_found_through_its_own_modules_and_no_others(tmp_path: Path) -> None:
    put(
        tmp_path,
        "handlers/biller.py",
        "from generated.workers import biller\nfrom handlers.domain import store\nfrom handlers.domain.other import unused\n\n"
        "@biller.handler\nasync def bill(event):\n    return store.Bills().add(event)\n",
    )
    put(
        tmp_path,
        "handlers/domain/store.py",
        "from generated.resources import BILLS, RULES\nfrom generated import subjects\n\nclass Bills:\n    bucket = BILLS\n\n"
        "    def add(self, event):\n        return _tell(event)\n\ndef _tell(event):\n    return subjects.BILL_SENT\n\n"
        "def rules():\n    return RULES\n",
    )
    put(tmp_path, "handlers/domain/other.py", "from generated.resources import OTHER\n\nunused = OTHER\n")
    put(tmp_path, "handlers/broken.py", "def (")
    found = read_uses(Project(tmp_path), ("biller", "broken", "absent"))
    assert found == {"biller": Uses(resources=frozenset({"BILLS"}), subjects=frozenset({"BILL_SENT"}))}


def test_the_reference_pipelines_handlers_open_these() -> None:
    found = read_uses(Project(ROOT), ("epg-updater", "record-watcher"))
    assert found["epg-updater"] == Uses(
        frozenset({"EPG_INDEX", "EPG_PROGRAMS", "MIRAKC"}), frozenset({"NOTICE_EPG_UPDATED"})
    )
    assert found["record-watcher"].resources == {"RECORDS"}
