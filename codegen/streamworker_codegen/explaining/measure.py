"""Run in a process of its own, in the user's project: `python measure.py MODULE EVENT`, samples as JSON on standard input.

Decodes and encodes by the project's generated package, as a worker does; prints nanoseconds as JSON. It imports nothing of the compiler.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from statistics import median
from typing import Any  # a subject of a project that is not known here

BATCHES = 9
BATCH_NS = 5_000_000


def main(module: str, name: str) -> dict[str, object]:
    """The first sample that the contract accepts counts; `refused` is what it says of the last where it accepts none."""
    sys.path.insert(0, "")
    start = time.perf_counter_ns()
    subjects = vars(import_module(module)).values()
    loading = time.perf_counter_ns() - start
    subject: Any = next(each for each in subjects if getattr(getattr(each, "event", None), "__name__", "") == name)
    refused = "there is none"
    for index, sample in enumerate(json.load(sys.stdin)):
        data = json.dumps(sample, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            event = subject.decode(data)
        except Exception as error:  # noqa: BLE001  # the runtime's, which this script does not import
            refused = str(error)
        else:
            return {"sample": index, "bytes": len(data), "import": loading, **costs(subject, data, event)}
    return {"refused": refused}


def costs(subject: Any, data: bytes, event: Any) -> dict[str, float]:
    made = type(event)(**{field: getattr(event, field) for field in type(event).model_fields})
    return {
        "decode": cost(lambda: subject.decode(data)),
        "encode": cost(lambda: subject.encode(event)),
        "encode_made": cost(lambda: subject.encode(made)),
    }


def cost(step: Callable[[], object]) -> float:
    """Nanoseconds of one step: the median of some batches, each of about five milliseconds."""
    start = time.perf_counter_ns()
    step()
    count = max(1, BATCH_NS // max(1, time.perf_counter_ns() - start))
    return median(batch(step, count) for _ in range(BATCHES))


def batch(step: Callable[[], object], count: int) -> float:
    start = time.perf_counter_ns()
    for _ in range(count):
        step()
    return (time.perf_counter_ns() - start) / count


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:])))
