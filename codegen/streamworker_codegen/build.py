"""Graph and names -> what templates see, for all of `generated/` beside the events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from streamworker_codegen.expressions import Expression, Group, arguments, call, mapping, plain, row
from streamworker_codegen.graph import Bucket, Event, Graph, SseIngest, Stream, Subject, TimerIngest, Worker
from streamworker_codegen.imports import Imports
from streamworker_codegen.ir import Constant, File, Stub
from streamworker_codegen.models.text import literal
from streamworker_codegen.naming import attribute, constant

PIPELINE_FILE = "schemas/pipeline.yaml"


class Binding(Protocol):
    """Where a worker's handler is: a module below `handlers/` (dotted, without it) and a name in it."""

    @property
    def module(self) -> str: ...
    @property
    def name(self) -> str: ...


def files(graph: Graph, bindings: Mapping[str, Binding], package: str, version: str) -> list[File]:
    made = [_contract(), _subjects(graph), _workers(graph), _resources(graph)]
    if graph.ingests:
        made.append(_ingests(graph))
    made.append(_pipeline(graph, bindings, package, version))
    return made


def spec_name(worker: Worker) -> str:
    name = attribute(worker.name)
    return f"{name}_" if name == "bound" else name  # which pipeline.py imports


def absolute(package: str, module: str) -> str:
    """The import path of a module of the project."""
    return f"{package}.{module}" if package else module


def event_type(worker: Worker) -> str:
    """The union of what a worker takes."""
    return _union(subject.event for subject in worker.source)


def result_type(worker: Worker) -> str:
    out = _union(subject.event for subject in worker.sink)
    return {"one": out, "maybe": f"{out} | None", "many": f"Sequence[{out}]", "none": "None"}[worker.emit]


def is_batch(worker: Worker) -> bool:
    return worker.options.get("batch") is not None


def stub(worker: Worker, package: str) -> Stub:
    types = {subject.event.name for subject in (*worker.source, *worker.sink)}
    cases = sorted({subject.event.name for subject in worker.source})
    found = Imports()
    for name in types:
        found.add(absolute(package, "generated.events"), name)
    found.add(absolute(package, "generated.workers"), spec_name(worker))
    if len(cases) > 1:
        found.known("assert_never")
    if is_batch(worker):
        found.known("Item")
    if is_batch(worker) or worker.emit == "many":
        found.known("Sequence")
    return Stub(
        worker.name,
        spec_name(worker),
        tuple(found.lines()),
        _batch_type(worker) if is_batch(worker) else event_type(worker),
        "None" if is_batch(worker) else result_type(worker),
        tuple(cases) if len(cases) > 1 else (),
        is_batch(worker),
    )


def _contract() -> File:
    return File("_contract.py", "contract.py.jinja2", "schemas/", _imports(["Contracts", "Final"]), {})


def _subjects(graph: Graph) -> File:
    found = Imports()
    found.known("Final")
    found.known("Subject")
    found.add("._contract", "CONTRACTS")
    for subject in graph.subjects:
        found.add(".events", subject.event.name)
    constants = [_constant(each.constant, _subject(each)) for each in graph.subjects]
    return _constants("subjects.py", found, constants)


def _subject(subject: Subject) -> Group:
    told = {"unknown": subject.unknown, "readers": subject.readers}
    differs = {name: literal(value) for name, value in told.items() if value not in ("refuse", "pipeline")}
    return call("Subject", literal(subject.name), subject.event.name, _bound(subject.event), **differs)


def _workers(graph: Graph) -> File:
    found = Imports()
    for name in ("Final", "WorkerSpec"):
        found.known(name)
    for worker in graph.workers:
        for subject in (*worker.source, *worker.sink):
            found.add(".events", subject.event.name)
            found.add(".subjects", subject.constant)
        for name in _names_of(worker):
            found.known(name)
    return _constants("workers.py", found, [_constant(spec_name(each), _worker(each)) for each in graph.workers])


def _names_of(worker: Worker) -> list[str]:
    """The runtime's names in a worker's constant."""
    names = ["Sequence"] if is_batch(worker) or worker.emit == "many" else []
    names += ["Item"] if is_batch(worker) else []
    names += ["WorkerOptions"] if worker.options else []
    nested = {"retry": "RetryOptions", "batch": "BatchOptions"}
    return names + [name for option, name in nested.items() if worker.options.get(option)]


def _worker(worker: Worker) -> Group:
    shape = f"{_batch_type(worker)}, None" if is_batch(worker) else f"{event_type(worker)}, {result_type(worker)}"
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


def _batch_type(worker: Worker) -> str:
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


def _resources(graph: Graph) -> File:
    found = Imports()
    for name in ("Final", "Stream"):
        found.known(name)
    for bucket in graph.buckets:
        found.known("ObjectStore" if bucket.value is None else "Bucket")
        if bucket.value is not None:
            found.add("._contract", "CONTRACTS")
            found.add(".events", bucket.value.name)
    if graph.http:
        found.known("Http")
    constants = [_constant(stream_name(each), _stream(each)) for each in graph.streams]
    constants.append(_constant("DEAD_LETTERS_STREAM", _stream(graph.dead_letters)))
    constants += [_constant(constant(each.name), _bucket(each)) for each in graph.buckets]
    constants += [
        _constant(
            constant(each.name),
            call("Http", name=literal(each.name), url=literal(each.url), timeout=literal(each.timeout)),
        )
        for each in graph.http
    ]
    return _constants("resources.py", found, constants)


def stream_name(stream: Stream) -> str:
    return f"{constant(stream.name)}_STREAM"


def _stream(stream: Stream) -> Group:
    settings = {name: plain(value) for name, value in stream.settings.items()}
    return call("Stream", name=literal(stream.name), subjects=plain(stream.subjects), **settings)


def _bucket(bucket: Bucket) -> Group:
    settings = {name: plain(value) for name, value in bucket.settings.items()}
    if bucket.value is None:
        return call("ObjectStore", name=literal(bucket.name), **settings)
    return call(
        "Bucket", literal(bucket.name), literal(bucket.key), bucket.value.name, _bound(bucket.value), **settings
    )


def _ingests(graph: Graph) -> File:
    found = Imports()
    found.known("Final")
    constants: list[Constant] = []
    for ingest in graph.ingests:
        found.known("SseSpec" if isinstance(ingest, SseIngest) else "TimerSpec")
        subjects = ingest.events.values() if isinstance(ingest, SseIngest) else [ingest.subject]
        for subject in subjects:
            found.add(".subjects", subject.constant)
        constants.append(_constant(attribute(ingest.name), _ingest(ingest)))
    return _constants("ingests.py", found, constants)


def _ingest(ingest: SseIngest | TimerIngest) -> Group:
    if isinstance(ingest, TimerIngest):
        return call(
            "TimerSpec", name=literal(ingest.name), every=literal(ingest.every), subject=ingest.subject.constant
        )
    events = mapping({name: subject.constant for name, subject in ingest.events.items()})
    settings = {name: plain(value) for name, value in ingest.settings.items() if value != {}}
    return call("SseSpec", name=literal(ingest.name), url=literal(ingest.url), events=events, **settings)


def _pipeline(graph: Graph, bindings: Mapping[str, Binding], package: str, version: str) -> File:
    found = Imports()
    for name in ("Final", "Pipeline", "bound"):
        found.known(name)
    for worker in graph.workers:
        module, name = _handler(worker, bindings)
        found.add(absolute(package, f"handlers.{module}"), f"{name} as {handler_name(worker)}")
        found.add(".workers", spec_name(worker))
    named: dict[str, Iterable[str]] = {
        "streams": map(stream_name, graph.streams),
        "dead_letters": ["DEAD_LETTERS_STREAM"],
        "subjects": [each.constant for each in graph.subjects],
        "ingests": [attribute(each.name) for each in graph.ingests],
        "buckets": [constant(each.name) for each in graph.buckets],
        "http": [constant(each.name) for each in graph.http],
    }
    named = {name: list(constants) for name, constants in named.items()}
    for group, constants in named.items():
        for each in constants:
            found.add({"subjects": ".subjects", "ingests": ".ingests"}.get(group, ".resources"), each)
    workers = row(call("bound", spec_name(each), handler_name(each)) for each in graph.workers)
    expression = call(
        "Pipeline",
        name=literal(graph.pipeline),
        streams=row(named["streams"]),
        dead_letters="DEAD_LETTERS_STREAM",
        subjects=row(named["subjects"]),
        workers=workers,
        **{name: row(named[name]) for name in ("ingests", "buckets", "http") if named[name]},
        outage=literal(graph.outage),
        version=literal(version),
    )
    values = {"constant": _constant("PIPELINE", expression)}
    return File("pipeline.py", "pipeline.py.jinja2", PIPELINE_FILE, tuple(found.lines()), values)


def handler_name(worker: Worker) -> str:
    """What a handler is called where all of them meet."""
    return f"{spec_name(worker)}_handler"


def _handler(worker: Worker, bindings: Mapping[str, Binding]) -> tuple[str, str]:
    """Where a handler is; where it is not written yet, its stub."""
    binding = bindings.get(worker.name)
    return (binding.module, binding.name) if binding else (spec_name(worker), "handle")


def _constants(path: str, found: Imports, constants: list[Constant]) -> File:
    return File(path, f"{path}.jinja2", PIPELINE_FILE, tuple(found.lines()), {"constants": constants})


def _constant(name: str, expression: Group) -> Constant:
    return Constant(name, expression.start.removesuffix("("), tuple(arguments(expression)))


def _bound(event: Event) -> str:
    return f"CONTRACTS[{literal(event.name)}]"


def _union(events: Iterable[Event]) -> str:
    return " | ".join(sorted({event.name for event in events}))


def _imports(names: Iterable[str]) -> tuple[str, ...]:
    found = Imports()
    for name in names:
        found.known(name)
    return tuple(found.lines())
