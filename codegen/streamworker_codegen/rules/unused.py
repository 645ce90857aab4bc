"""Schemas that nothing carries: an event that was written and forgotten."""

from __future__ import annotations

from streamworker_codegen.documents import Document, Place
from streamworker_codegen.errors import UnresolvedReference
from streamworker_codegen.registry import Registry
from streamworker_codegen.rules.events import Events
from streamworker_codegen.rules.findings import Findings

_NAMED = 3
_OF_DEFINITIONS_ONLY = {"$schema", "$id", "id", "$comment", "title", "description", "$defs", "definitions"}


def check_unused(events: Events, registry: Registry, findings: Findings) -> None:
    """Warns of schema files that say more than definitions, and that no subject, bucket or other schema names."""
    used = {*events.named, *_referred(registry)}
    used_files = {place.document.path for place in used}
    unused = [each for each in registry.documents.values() if each.path not in used_files and _is_event(each)]
    if unused:
        names = ", ".join(each.path for each in unused[:_NAMED]) + (
            f" and {len(unused) - _NAMED} more" if len(unused) > _NAMED else ""
        )
        what = f"no subject, bucket or other schema names {names}"
        findings.warn(unused[0].where(""), "unused-schema", what, "name them under `subjects`, or remove the files")


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
