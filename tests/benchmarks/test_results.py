"""What `make bench` writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.figures import Summary
from benchmarks.growth import Course
from benchmarks.measure import Figures
from benchmarks.results import Results
from benchmarks.scaling import Model, Scaled
from benchmarks.server import Job, readings


def summary(name: str, *rates: float, complete: bool = True) -> Summary:
    return Summary.of(name, [Figures(rate, 20.0, complete, 50.0) for rate in rates])


def test_all_parts_are_in_the_page_and_in_the_json(tmp_path: Path) -> None:
    results = Results(
        about={"date": "today"},
        contest={"A plain function": [summary("bare loop", 10, 20, 30), summary("streamworker", 10, complete=False)]},
        latencies={"streamworker": [1.0, 2.0, 3.0]},
        scaling=[Scaled(1, 20_000, 40, 30, complete=True)],
        shares={"bench-plain": 0.5},
        sizes={250: [summary("bare loop", 20), summary("streamworker", 10)]},
        refused=[summary("all are valid", 10)],
        kinds=[summary("sound", 10)],
        course=Course(4, [0, 1, 2, 3], [0, 1, 2, 4], [50, 50, 50, 50], [10, 11, 12, 13], complete=True),
        starts={"streamworker": [0.5]},
    )
    results.save(tmp_path)
    page = (tmp_path / "results.md").read_text()
    assert page.count("\n## ") == 9
    assert "| bare loop | 20 | 10 to 30 | 1.00 | 20 us | 1.00 | 50 MB | yes |" in page
    assert "| streamworker | 10 | 10 to 10 | 0.50 | 20 us | 1.00 | 50 MB | NO |" in page
    assert json.loads((tmp_path / "results.json").read_text())["latencies"] == {
        "streamworker": {"p50": 2.0, "p99": 3.0}
    }


def test_one_part_alone_makes_a_page() -> None:
    assert "## " in "\n".join(Results(about={}, starts={"streamworker": [0.5]}).lines())


def test_by_the_model_workers_share_the_machine_with_the_server() -> None:
    model = Model(cores=4, worker_cpu=40, server_cpu=10)
    assert model.rate(1) == pytest.approx(25_000)
    assert model.rate(100) == pytest.approx(4 / 50e-6)
    assert model.ceiling(8) == pytest.approx(800_000)
    assert model.workers(8) == 32


def test_readings_are_of_the_size_that_is_asked_for_and_some_are_refused() -> None:
    job = Job(200, size=4000, invalid=100, keys=3)
    made = list(readings(job))
    assert {subject for subject, _ in made} == {f"reading.sensor-{number}" for number in range(3)}
    assert all(abs(len(data) - 4000) < 50 for _, data in made)
    assert sum(json.loads(data)["celsius"] < -273.15 for _, data in made) == 200 - job.valid == 2
