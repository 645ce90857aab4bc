"""Which handlers a change of schemas concerns: those that take or return an event whose contract is another one now."""

from __future__ import annotations

import json
from collections.abc import Mapping

from streamworker_codegen.graph import Graph


def users_of_events(graph: Graph, handlers: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    """The files of the handlers that take or return an event, by its name. handlers: the file of each worker's."""
    found: dict[str, dict[str, None]] = {}
    for worker in graph.workers:
        for subject in (*worker.source, *worker.sink):
            found.setdefault(subject.event.name, {})[handlers[worker.name]] = None
    return {event: tuple(files) for event, files in found.items()}


def affected(before: str, after: str, users: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    """The events that changed, by the handler file that they concern. before, after: the texts of `contract.json`."""
    old, new = _hashes(before), _hashes(after)
    found: dict[str, list[str]] = {}
    for event in sorted(event for event in old.keys() & new.keys() if old[event] != new[event]):
        for file in users.get(event, ()):
            found.setdefault(file, []).append(event)
    return {file: tuple(events) for file, events in sorted(found.items())}


def _hashes(contract: str) -> dict[str, str]:
    """Of the events; none where the text is no contract that we wrote."""
    try:
        return {name: str(entry["hash"]) for name, entry in json.loads(contract)["events"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
