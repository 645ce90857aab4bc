"""The specs of workers, and the types that they are of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from streamworker_codegen.build.constants import constant_of, constants_file, importing
from streamworker_codegen.expressions import Expression, Group, call, plain, row
from streamworker_codegen.graph import Event, Graph, Worker
from streamworker_codegen.ir import File
from streamworker_codegen.models.text import literal
from streamworker_codegen.naming import attribute


def spec_name(worker: Worker) -> str:
    return attribute(worker.name)


def event_type(worker: Worker) -> str:
    """The union of what a worker takes."""
    return _union(subject.event for subject in worker.source)


def result_type(worker: Worker) -> str:
    out = _union(subject.event for subject in worker.sink)
    return {"one": out, "maybe": f"{out} | None", "many": f"Sequence[{out}]", "none": "None"}[worker.emit]


def is_batch(worker: Worker) -> bool:
    return worker.options.get("batch") is not None


def workers_file(graph: Graph) -> File:
    found = importing("Final", "WorkerSpec")
    for worker in graph.workers:
        for subject in (*worker.source, *worker.sink):
            found.add(".events", subject.event.name)
            found.add(".subjects", subject.constant)
        for name in _names_of(worker):
            found.known(name)
    return constants_file("workers.py", found, [constant_of(spec_name(each), _worker(each)) for each in graph.workers])


def _names_of(worker: Worker) -> list[str]:
    """The runtime's names in a worker's constant."""
    names = ["Sequence"] if is_batch(worker) or worker.emit == "many" else []
    names += ["Item"] if is_batch(worker) else []
    names += ["WorkerOptions"] if worker.options else []
    nested = {"retry": "RetryOptions", "batch": "BatchOptions"}
    return names + [name for option, name in nested.items() if worker.options.get(option)]


def _worker(worker: Worker) -> Group:
    shape = f"{batch_type(worker)}, None" if is_batch(worker) else f"{event_type(worker)}, {result_type(worker)}"
    named: dict[str, Expression] = {
        "name": literal(worker.name),
        "source": row(subject.constant for subject in worker.source),
    }
    if worker.sink:
        named["sink"] = row(subject.constant for subject in worker.sink)
    named["emit"] = literal(worker.emit)
    if worker.options:
        named["options"] = _options(worker.options)
    return call(f"WorkerSpec[{shape}]", **named)


def batch_type(worker: Worker) -> str:
    return f"Sequence[Item[{event_type(worker)}, {result_type(worker)}]]"


def _options(options: Mapping[str, object]) -> Group:
    nested = {"retry": "RetryOptions", "batch": "BatchOptions"}
    named: dict[str, Expression] = {}
    for name, value in options.items():
        if name in nested and isinstance(value, Mapping):
            named[name] = call(nested[name], **{str(key): plain(each) for key, each in value.items()})
        else:
            named[name] = plain(value)
    return call("WorkerOptions", **named)


def _union(events: Iterable[Event]) -> str:
    return " | ".join(sorted({event.name for event in events}))
