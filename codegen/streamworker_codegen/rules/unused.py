"""Schemas that nothing carries: an event that was written and forgotten."""

from __future__ import annotations

from streamworker_codegen.documents import Document, Place
from streamworker_codegen.errors import UnresolvedReference
from streamworker_codegen.registry import Registry
from streamworker_codegen.rules.events import Events
from streamworker_codegen.rules.findings import Findings

_OF_DEFINITIONS_ONLY = {"$schema", "$id", "id", "$comment", "title", "description", "$defs", "definitions"}


def check_unused(events: Events, registry: Registry, findings: Findings) -> None:
    """Warns of a schema file that says more than definitions, and that no subject, bucket or other schema names."""
    used = {event.schema for use in ("event", "value") for event in events.all(use)} | _referred(registry)
    used_files = {place.document.path for place in used}
    for document in registry.documents.values():
        if document.path not in used_files and _is_event(document):
            what = "no subject or bucket carries this schema, and no other schema refers to it"
            findings.warn(document.where(""), "unused-schema", what, "name it under `subjects`, or remove the file")


def _is_event(document: Document) -> bool:
    return isinstance(document.value, dict) and not document.value.keys() <= _OF_DEFINITIONS_ONLY


def _referred(registry: Registry) -> set[Place]:
    found: set[Place] = set()
    for reference in registry.references():
        try:
            target = registry.resolve(reference.place, reference.text)
        except UnresolvedReference:
            continue
        if target.document != reference.place.document:
            found.add(target)
    return found
