"""Subjects, resources and ingests, as the pipeline file declares them."""

from __future__ import annotations

from streamworker_codegen.build.constants import constant_of, constants_file, contract_of, importing
from streamworker_codegen.expressions import Group, call, mapping, plain
from streamworker_codegen.graph import Bucket, Graph, SseIngest, Stream, Subject, TimerIngest
from streamworker_codegen.ir import Constant, File
from streamworker_codegen.models.text import literal
from streamworker_codegen.naming import attribute, constant


def subjects_file(graph: Graph) -> File:
    found = importing("Final", "Subject")
    found.add("._contract", "CONTRACTS")
    for subject in graph.subjects:
        found.add(".events", subject.event.name)
    constants = [constant_of(each.constant, _subject(each)) for each in graph.subjects]
    return constants_file("subjects.py", found, constants)


def _subject(subject: Subject) -> Group:
    told = {"unknown": subject.unknown, "readers": subject.readers}
    differs = {name: literal(value) for name, value in told.items() if value not in ("refuse", "pipeline")}
    return call("Subject", literal(subject.name), subject.event.name, contract_of(subject.event), **differs)


def resources_file(graph: Graph) -> File:
    found = importing("Final", "Stream")
    for bucket in graph.buckets:
        found.known("ObjectStore" if bucket.value is None else "Bucket")
        if bucket.value is not None:
            found.add("._contract", "CONTRACTS")
            found.add(".events", bucket.value.name)
    if graph.http:
        found.known("Http")
    constants = [constant_of(stream_name(each), _stream(each)) for each in graph.streams]
    constants.append(constant_of("DEAD_LETTERS_STREAM", _stream(graph.dead_letters)))
    constants += [constant_of(constant(each.name), _bucket(each)) for each in graph.buckets]
    constants += [
        constant_of(
            constant(each.name),
            call("Http", name=literal(each.name), url=literal(each.url), timeout=literal(each.timeout)),
        )
        for each in graph.http
    ]
    return constants_file("resources.py", found, constants)


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
        "Bucket", literal(bucket.name), literal(bucket.key), bucket.value.name, contract_of(bucket.value), **settings
    )


def ingests_file(graph: Graph) -> File:
    found = importing("Final")
    constants: list[Constant] = []
    for ingest in graph.ingests:
        found.known("SseSpec" if isinstance(ingest, SseIngest) else "TimerSpec")
        subjects = ingest.events.values() if isinstance(ingest, SseIngest) else [ingest.subject]
        for subject in subjects:
            found.add(".subjects", subject.constant)
        constants.append(constant_of(attribute(ingest.name), _ingest(ingest)))
    return constants_file("ingests.py", found, constants)


def _ingest(ingest: SseIngest | TimerIngest) -> Group:
    if isinstance(ingest, TimerIngest):
        return call(
            "TimerSpec", name=literal(ingest.name), every=literal(ingest.every), subject=ingest.subject.constant
        )
    events = mapping({name: subject.constant for name, subject in ingest.events.items()})
    settings = {name: plain(value) for name, value in ingest.settings.items() if value != {}}
    return call("SseSpec", name=literal(ingest.name), url=literal(ingest.url), events=events, **settings)
