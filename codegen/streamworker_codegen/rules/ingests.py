"""The ingests: every event of a feed has its subject, and the fields that make it."""

from __future__ import annotations

import re

from streamworker_codegen.documents import Json
from streamworker_codegen.fields import all_of, field_names, find_field, is_open, keyword
from streamworker_codegen.graph import SseIngest, Subject, TimerIngest
from streamworker_codegen.nodes import Node
from streamworker_codegen.quantities import span
from streamworker_codegen.registry import Registry
from streamworker_codegen.rules.declarations import Declarations
from streamworker_codegen.rules.findings import Findings
from streamworker_codegen.rules.resources import check_variables
from streamworker_codegen.rules.routes import declared_as
from streamworker_codegen.token_values import can_be_token

_TICK = ("at", "every", "name")
_FIELD = re.compile(r"\{([^{}]*)\}")


def read_ingests(
    root: Node, declarations: Declarations, registry: Registry, findings: Findings
) -> tuple[SseIngest | TimerIngest, ...]:
    found: list[SseIngest | TimerIngest] = []
    for node in root["ingest"]:
        _check_name(node, root, findings)
        ingest = (
            _timer(node, declarations, registry, findings)
            if "every" in node
            else _sse(node, declarations, registry, findings)
        )
        if ingest:
            found.append(ingest)
    return tuple(found)


def _check_name(node: Node, root: Node, findings: Findings) -> None:
    if node.key in root["workers"]:
        what = f"`{node.key}` is the name of a worker too, and `run` takes names"
        findings.error(node.key_where, "doubled-name", what, "rename one of them")


def _timer(node: Node, declarations: Declarations, registry: Registry, findings: Findings) -> TimerIngest | None:
    found = declared_as(node["subject"], declarations, "subject", findings)
    if not found or not found.subject:
        return None
    schema = found.subject.event.schema
    required = [
        str(name) for place in all_of(registry, [schema]) for name in _listed(keyword(registry, place, "required"))
    ]
    for name in dict.fromkeys(required):
        if name not in _TICK:
            what = f"a tick has {', '.join(_TICK)}, and {found.subject.event.name} requires `{name}`"
            findings.error(
                node["subject"].where, "tick-field", what, f"make it optional in {schema.where}, or remove it"
            )
    return TimerIngest(node.key, node["every"].seconds, found.subject, node.key_where)


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _sse(node: Node, declarations: Declarations, registry: Registry, findings: Findings) -> SseIngest:
    for key in ("sse", "headers", "add"):
        check_variables(node[key], findings)
    events: dict[str, Subject] = {}
    for event in node["events"]:
        found = declared_as(event, declarations, "subject", findings) if event.key != "*" else None
        if found and found.subject:
            events[event.key] = found.subject
            _check_id(node["id"], found.subject, registry, findings)
            _check_added(node["add"], found.subject, registry, findings)
    return SseIngest(node.key, node["sse"].text, events, _settings(node), node.key_where)


def _settings(node: Node) -> dict[str, Json]:
    """The other keyword arguments of SseSpec."""
    found: dict[str, Json] = {"id": node["id"].value}
    found |= {key: node[key].value for key in ("headers", "add", "invalid", "buffer") if key in node}
    if "*" in node["events"]:
        found["unmapped"] = node["events"]["*"].value
    found |= {key: node[key].seconds for key in ("idle", "connect") if key in node}
    if "max_frame" in node:
        found["max_frame"] = node["max_frame"].size
    if "reconnect" in node:
        found["shortest"], found["longest"] = span(node["reconnect"].text)
    return found


def _check_id(node: Node, subject: Subject, registry: Registry, findings: Findings) -> None:
    """The id of an event is made of its fields, which it always has."""
    fields = _FIELD.findall(node.text)
    if not fields:
        findings.error(
            node.where,
            "id-constant",
            "the id names no field, so that all events would have one id",
            'write "{connection.id}-{connection.seq}"',
        )
    for name in fields:
        field = find_field(registry, subject.event.schema, name)
        if field is None or not field.required or not can_be_token(registry, field):
            what = f"{{{name}}} is not a required string, integer or boolean of {subject.event.name} ({subject.event.schema.where})"
            findings.error(node.where, "id-field", what, "name fields that every event of the feed has")


def _check_added(node: Node, subject: Subject, registry: Registry, findings: Findings) -> None:
    known = field_names(registry, subject.event.schema)
    for added in node:
        if added.key not in known and not is_open(registry, subject.event.schema):
            what = f"{subject.event.name} ({subject.event.schema.where}) takes no field `{added.key}`: every event would be refused"
            findings.error(
                added.key_where,
                "added-unknown",
                what,
                f"add it to the schema, or leave it out here; it has {', '.join(known)}",
            )
