"""Graph -> boxes and arrows, in the order of the pipeline file: what each language of drawings writes down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from streamworker_codegen.graph import Bucket, Graph, SseIngest, Subject, TimerIngest
from streamworker_codegen.handler_uses import Uses
from streamworker_codegen.naming import attribute, constant

Kind: TypeAlias = Literal["ingest", "subject", "worker", "bucket", "http", "outside"]


@dataclass(frozen=True)
class Box:
    """id: an identifier that no other box has, and that stays when others come. lines: its text. group: the stream of a subject."""

    id: str
    kind: Kind
    lines: tuple[str, ...]
    group: str = ""


@dataclass(frozen=True)
class Arrow:
    """loose: what a handler does by itself, beside what the pipeline file says."""

    start: str
    end: str
    loose: bool = False


@dataclass(frozen=True)
class Flow:
    name: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]

    def around(self, names: frozenset[str]) -> Flow:
        """The boxes of these names (a worker's, a subject's, a stream's, ...), and those that an arrow joins them to."""
        chosen = {box.id for box in self.boxes if names & {box.lines[0], box.group, box.id.partition("_")[2]}}
        arrows = tuple(each for each in self.arrows if {each.start, each.end} & chosen)
        kept = chosen | {end for each in arrows for end in (each.start, each.end)}
        return replace(self, boxes=tuple(box for box in self.boxes if box.id in kept), arrows=arrows)

    @property
    def names(self) -> list[str]:
        return sorted({name for box in self.boxes for name in (box.lines[0], box.group) if name})


def flow(graph: Graph, uses: Mapping[str, Uses]) -> Flow:
    """All of a pipeline. uses: what is known of its handlers; without, no arrow leads to a bucket."""
    arrows = dict.fromkeys([*_declared(graph), *_by_handlers(graph, uses)])
    boxes = [*_ingests(graph), *(_subject(each) for each in graph.subjects), *_workers(graph), *_resources(graph)]
    external = [each for each in graph.subjects if each.readers == "external"]
    if external:
        boxes.append(Box("outside", "outside", ("readers outside",)))
    return Flow(graph.pipeline, tuple(boxes), tuple(arrows))


def _ingests(graph: Graph) -> Iterator[Box]:
    for ingest in graph.ingests:
        kind = "SSE feed" if isinstance(ingest, SseIngest) else f"every {ingest.every:g} s"
        yield Box(_ingest_id(ingest), "ingest", (ingest.name, kind))


def _ingest_id(ingest: SseIngest | TimerIngest) -> str:
    return f"ingest_{attribute(ingest.name)}"


def _subject(subject: Subject) -> Box:
    return Box(f"subject_{subject.constant}", "subject", (subject.name, subject.event.name), subject.stream)


def _workers(graph: Graph) -> Iterator[Box]:
    for worker in graph.workers:
        order = worker.options.get("order_by")
        told = [f"emit: {worker.emit}"] if worker.emit in ("one", "many") else []
        told += ["batch"] if worker.options.get("batch") else []
        told += [f"order by {order}"] if order else []
        yield Box(f"worker_{attribute(worker.name)}", "worker", (worker.name, *([", ".join(told)] if told else [])))


def _resources(graph: Graph) -> Iterator[Box]:
    for bucket in graph.buckets:
        yield Box(_bucket_id(bucket), "bucket", (bucket.name, bucket.value.name if bucket.value else "objects"))
    for service in graph.http:
        yield Box(f"http_{constant(service.name)}", "http", (service.name, "HTTP"))


def _bucket_id(bucket: Bucket) -> str:
    return f"bucket_{constant(bucket.name)}"


def _declared(graph: Graph) -> Iterator[Arrow]:
    for ingest in graph.ingests:
        subjects = ingest.events.values() if isinstance(ingest, SseIngest) else [ingest.subject]
        yield from (Arrow(_ingest_id(ingest), f"subject_{each.constant}") for each in subjects)
    for worker in graph.workers:
        own = f"worker_{attribute(worker.name)}"
        yield from (Arrow(f"subject_{each.constant}", own) for each in worker.source)
        yield from (Arrow(own, f"subject_{each.constant}") for each in worker.sink)
    for subject in graph.subjects:
        if subject.readers == "external":
            yield Arrow(f"subject_{subject.constant}", "outside")


def _by_handlers(graph: Graph, uses: Mapping[str, Uses]) -> Iterator[Arrow]:
    ids = {constant(each.name): _bucket_id(each) for each in graph.buckets}
    ids |= {constant(each.name): f"http_{constant(each.name)}" for each in graph.http}
    for worker in graph.workers:
        own, used = f"worker_{attribute(worker.name)}", uses.get(worker.name, Uses())
        yield from (Arrow(own, ids[name], loose=True) for name in ids if name in used.resources)
        declared = {each.constant for each in (*worker.source, *worker.sink)}
        for subject in graph.subjects:
            if subject.constant in used.subjects - declared:
                yield Arrow(own, f"subject_{subject.constant}", loose=True)
