"""The graph rules: the pipeline file and the schemas together -> the Graph, or all that is wrong with it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from streamworker_codegen.graph import Graph
from streamworker_codegen.nodes import Node
from streamworker_codegen.problems import Problem
from streamworker_codegen.registry import Registry
from streamworker_codegen.rules.events import Events
from streamworker_codegen.rules.findings import Findings
from streamworker_codegen.rules.ids import memory_of_ids, with_letters_window, with_windows
from streamworker_codegen.rules.ingests import read_ingests
from streamworker_codegen.rules.partitions import check_copies, cost_of_copies
from streamworker_codegen.rules.resources import check_constants, read_buckets, read_http
from streamworker_codegen.rules.streams import read_dead_letters, read_streams
from streamworker_codegen.rules.subjects import read_subjects
from streamworker_codegen.rules.unused import check_unused
from streamworker_codegen.rules.workers import read_workers

_OUTAGE = 300.0


@dataclass(frozen=True)
class Checked:
    """graph: only where no problem is an error."""

    graph: Graph | None
    problems: tuple[Problem, ...]


def check_graph(root: Node, registry: Registry, refused: Collection[str] = ()) -> Checked:
    """The graph of a pipeline file whose form is sound. `refused`: schema files that could not be read; who names one is not to blame."""
    findings = Findings()
    events = Events(root, registry, refused, findings)
    outage = root["outage"].seconds if "outage" in root else _OUTAGE
    streams = read_streams(root, findings)
    dead_letters = read_dead_letters(root, streams, findings)
    declarations = read_subjects(root, streams, events, registry, findings)
    ingests = read_ingests(root, declarations, registry, findings)
    entries = read_workers(root, declarations, streams, registry, findings)
    check_copies(entries, streams, findings)
    buckets, http = read_buckets(root, events, findings), read_http(root, findings)
    check_constants(streams, buckets, http, findings)
    streams = with_windows(root, streams, entries, ingests, outage, findings)
    graph = Graph(
        pipeline=root["pipeline"].text,
        outage=outage,
        streams=streams,
        dead_letters=with_letters_window(dead_letters, entries, outage),
        subjects=tuple(each.subject for each in declarations if each.subject),
        workers=tuple(entry.worker for entry in entries),
        ingests=ingests,
        buckets=buckets,
        http=http,
        events=events.all("event"),
        values=events.all("value"),
    )
    if findings.failed:
        return Checked(None, tuple(findings.problems))
    check_unused(events, registry, findings)
    return Checked(graph, (*findings.problems, *memory_of_ids(streams), *cost_of_copies(entries, streams)))
