"""Graph -> the document: channels from subjects, operations from who reads and writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from streamworker_codegen.asyncapi.payloads import Payloads
from streamworker_codegen.documents import Json
from streamworker_codegen.fields import all_of, find_field, keyword, literals
from streamworker_codegen.graph import Event, Graph, SseIngest, Stream, Subject, Worker
from streamworker_codegen.handler_uses import Uses
from streamworker_codegen.naming import attribute
from streamworker_codegen.pointers import child
from streamworker_codegen.registry import Registry

_VERSION: Final = "3.0.0"
_TOLD: Final = (("title", "title"), ("description", "summary"))
_BINDING: Final = "0.1.0"  # https://github.com/asyncapi/bindings/tree/master/nats


def asyncapi_document(graph: Graph, registry: Registry, uses: Mapping[str, Uses], *, version: str) -> dict[str, Json]:
    """All of a pipeline. version: of its contract. uses: which subjects handlers publish to beside their sinks."""
    payloads = Payloads(registry)
    channels: dict[str, Json] = {each.constant: _channel(each, graph, registry) for each in graph.subjects}
    messages: dict[str, Json] = {each.name: _message(each, registry, payloads) for each in graph.events}
    return {
        "asyncapi": _VERSION,
        "info": {
            "title": graph.pipeline,
            "version": version,
            "description": "Made by streamworker from schemas/pipeline.yaml. Operations are those of the pipeline's own workers and ingests.",
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": dict(_operations(graph, uses)),
        "components": {"messages": messages, "schemas": payloads.components()},
    }


def _channel(subject: Subject, graph: Graph, registry: Registry) -> Json:
    stream = next(each for each in graph.streams if each.name == subject.stream)
    channel: dict[str, Json] = {
        "address": _address(subject),
        "title": subject.name,
        "description": _stored(stream),
        "messages": {subject.event.name: {"$ref": f"#/components/messages/{subject.event.name}"}},
    }
    if subject.tokens:
        channel["parameters"] = {_parameter(token): _token(subject, token, registry) for token in subject.tokens}
    if subject.readers == "external":
        channel["x-readers"] = "external"
    return channel


def _address(subject: Subject) -> str:
    address = subject.name
    for token in subject.tokens:
        address = address.replace(f"{{{token}}}", f"{{{_parameter(token)}}}")
    return address


def _parameter(token: str) -> str:
    """Its name there: letters, digits, - and _ alone."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", token.replace(".", "-"))


def _token(subject: Subject, token: str, registry: Registry) -> Json:
    parameter: dict[str, Json] = {
        "description": f"The field {token} of the event.",
        "location": f"$message.payload#{child('', *token.split('.'))}",
    }
    field = find_field(registry, subject.event.schema, token)
    places = all_of(registry, field.places) if field else []
    for place in places:
        if isinstance(text := keyword(registry, place, "description"), str):
            parameter["description"] = text
        values = literals(registry, place)
        if values and all(isinstance(value, str) for value in values):
            parameter["enum"] = values
    return parameter


def _stored(stream: Stream) -> str:
    settings = [f"{name}: {value}" for name, value in stream.settings.items()]
    told = f" ({', '.join(settings)}; durations in seconds)" if settings else ""
    return f"Stored in the JetStream stream {stream.name}{told}."


def _message(event: Event, registry: Registry, payloads: Payloads) -> Json:
    schema = registry.value(event.schema)
    told = schema if isinstance(schema, dict) else {}
    message: dict[str, Json] = {"name": event.name, "contentType": "application/json"}
    message |= {name: told[source] for source, name in _TOLD if isinstance(told.get(source), str)}
    return {**message, "payload": payloads.payload(event.schema)}


def _operations(graph: Graph, uses: Mapping[str, Uses]) -> Iterator[tuple[str, Json]]:
    for ingest in graph.ingests:
        subjects = ingest.events.values() if isinstance(ingest, SseIngest) else [ingest.subject]
        kind = "an SSE feed" if isinstance(ingest, SseIngest) else "a timer"
        for subject in _once(subjects):
            yield _operation("send", ingest.name, subject, f"The ingest {ingest.name}, {kind}, publishes it.", {})
    for worker in graph.workers:
        yield from _of_worker(worker, graph, uses.get(worker.name, Uses()))


def _of_worker(worker: Worker, graph: Graph, used: Uses) -> Iterator[tuple[str, Json]]:
    durable = f"{graph.pipeline}-{worker.name}"
    for subject in worker.source:
        told = f"The worker {worker.name} handles it; its replicas share one durable consumer."
        yield _operation("receive", worker.name, subject, told, {"queue": durable})
    for subject in worker.sink:
        yield _operation("send", worker.name, subject, f"An output of the worker {worker.name}.", {})
    for subject in graph.subjects:
        if subject.constant in used.subjects and subject not in (*worker.source, *worker.sink):
            told = f"The handler of {worker.name} publishes it by itself."
            yield _operation("send", worker.name, subject, told, {})


def _once(subjects: Iterable[Subject]) -> Iterable[Subject]:
    return {each.constant: each for each in subjects}.values()


def _operation(action: str, who: str, subject: Subject, summary: str, nats: Mapping[str, Json]) -> tuple[str, Json]:
    channel = f"#/channels/{subject.constant}"
    operation: dict[str, Json] = {
        "action": action,
        "title": f"{who} {action}s {subject.event.name}",
        "summary": summary,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{subject.event.name}"}],
        "bindings": {"nats": {**nats, "bindingVersion": _BINDING}},
    }
    return f"{attribute(who)}.{action}.{subject.constant}", operation
