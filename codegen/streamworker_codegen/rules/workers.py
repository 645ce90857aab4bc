"""The workers: sources that carry something, sinks that take it, and a key that orders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from streamworker_codegen.fields import field_names, find_field
from streamworker_codegen.graph import Emit, Stream, Subject, Worker
from streamworker_codegen.nodes import Node
from streamworker_codegen.problems import Position
from streamworker_codegen.registry import Registry
from streamworker_codegen.rules.declarations import Declarations
from streamworker_codegen.rules.findings import Findings
from streamworker_codegen.rules.options import Options, read_options
from streamworker_codegen.rules.routes import read_sink, read_source
from streamworker_codegen.token_values import can_be_token

_EMIT: dict[str, Emit] = {"one": "one", "maybe": "maybe", "many": "many"}


@dataclass(frozen=True)
class Entry:
    """A worker, its options as they apply, and its place in the file."""

    worker: Worker
    options: Options
    node: Node


def read_workers(
    root: Node, declarations: Declarations, streams: Sequence[Stream], registry: Registry, findings: Findings
) -> list[Entry]:
    entries: list[Entry] = []
    for node in root["workers"]:
        source = read_source(node, declarations, findings)
        sink = read_sink(node, declarations, findings)
        options = read_options(node, root["defaults"])
        worker = Worker(node.key, source, sink, _emit(node, findings), options.changed, node.key_where)
        entries.append(Entry(worker, options, node))
        _check_shape(entries[-1], findings)
        _check_order(entries[-1], registry, findings)
    _check_loops(entries, findings)
    _check_work_queues(entries, streams, findings)
    return entries


def _emit(node: Node, findings: Findings) -> Emit:
    if "sink" in node:
        return _EMIT[node["emit"].text] if "emit" in node else "maybe"
    if "emit" in node:
        findings.error(
            node["emit"].where,
            "emit-without-sink",
            "`emit` says what goes to a sink, and there is none",
            "add `sink`, or remove `emit`",
        )
    return "none"


def _check_shape(entry: Entry, findings: Findings) -> None:
    node, values = entry.node, entry.options.values
    if entry.options.longest < _shortest(values["retry"]):
        where = node["retry"]["delay"].where
        findings.error(
            where, "delay-reversed", "the longest delay is shorter than the shortest", "write the shorter first: 1s..1m"
        )
    if "partitions" in node and "order_by" not in node:
        what = "`partitions` share out the keys of an order, and there is none"
        findings.error(
            node["partitions"].where, "partitions-without-order", what, "add `order_by`, or remove `partitions`"
        )


def _shortest(retry: object) -> float:
    return float(retry["shortest"]) if isinstance(retry, dict) else 0.0


def _check_order(entry: Entry, registry: Registry, findings: Findings) -> None:
    """The key of an order is a required scalar of every source; partitions go by a token, which the server sees."""
    if "order_by" not in entry.node:
        return
    node = entry.node["order_by"]
    for subject in entry.worker.source:
        field = find_field(registry, subject.event.schema, node.text)
        event = f"{subject.event.name} ({subject.event.schema.where})"
        if field is None:
            mend = f"name a field of it; it has {', '.join(field_names(registry, subject.event.schema)) or 'none'}"
            findings.error(node.where, "order-unknown", f"`{node.text}` is no field of {event}", mend)
        elif not (field.required and can_be_token(registry, field)):
            what = f"`{node.text}` is not a required string, integer or boolean in {event}"
            mend = "require it there, or order by another field: an event without a key has no order"
            findings.error(node.where, "order-optional", what, mend)
        elif "partitions" in entry.node and node.text not in subject.tokens:
            what, mend = (
                f"`{node.text}` is no token of {subject.name}",
                "with `partitions` the key is a token of every source subject",
            )
            findings.error(node.where, "partition-key", what, mend)


def _check_loops(entries: Iterable[Entry], findings: Findings) -> None:
    for entry in entries:
        source = {subject.name for subject in entry.worker.source}
        own = [subject for subject in entry.worker.sink if subject.name in source]
        if own and "loop" not in entry.node:
            what = f"{entry.worker.name} publishes into its own source, {own[0].name}"
            findings.error(
                entry.node["sink"].where,
                "loop",
                what,
                "choose another sink; or write `loop: allowed` where the handler ends the loop",
            )


def _check_work_queues(entries: Sequence[Entry], streams: Sequence[Stream], findings: Findings) -> None:
    queues = {stream.name for stream in streams if stream.settings.get("retention") == "workqueue"}
    first: dict[str, Entry] = {}
    for entry in entries:
        for subject in entry.worker.source:
            if subject.stream in queues:
                _check_start(entry, subject, findings)
                earlier = first.setdefault(subject.name, entry)
                if earlier is not entry:
                    _shared(subject, earlier.worker.name, entry.node["source"].where, findings)


def _check_start(entry: Entry, subject: Subject, findings: Findings) -> None:
    if entry.options.values["start"] == "new":
        what = f"{subject.stream} is a work queue, which hands out all that it holds"
        findings.error(entry.worker.where, "queue-start", what, "leave `start: new` out for this worker")


def _shared(subject: Subject, other: str, where: Position, findings: Findings) -> None:
    what = (
        f"{other} takes {subject.name} already, and {subject.stream} is a work queue: each message goes to one worker"
    )
    findings.error(where, "queue-shared", what, "take other subjects, or give the stream `retention: limits`")
