"""A project of any number of events, alike on each machine: objects, unions, maps, bounds and formats, of shared definitions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_AREA: Final = 25  # events in one folder
_WORKERS: Final = 10  # events for each worker
_COMMON: Final = "../common/shared.json#/$defs/"

Schema = dict[str, Any]


def write_project(root: Path, events: int) -> None:
    """A new project in an empty folder: `events` events of about ten properties, a subject for each, a worker for every tenth."""
    _write(root / "schemas/events/common/shared.json", {"$schema": DRAFT, "$defs": _DEFINITIONS})
    subjects = []
    for number in range(events):
        path = event_file(number)
        _write(root / "schemas" / path, event(number))
        subjects.append(f"  {_subject(number)}: {path}")
    workers = [
        f"  worker-{at}: {{source: {_subject(at)}, sink: {_subject(at + 1)}}}" for at in range(0, events - 1, _WORKERS)
    ]
    lines = [
        "pipeline: bench",
        "streams:",
        '  ALL: {subjects: ["area.>"]}',
        "subjects:",
        *subjects,
        "workers:",
        *workers,
    ]
    (root / "schemas/pipeline.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (root / "handlers").mkdir()


def change(root: Path, number: int) -> None:
    """One more property of one event."""
    changed = event(number)
    changed["properties"]["added"] = {"type": "string"}
    _write(root / "schemas" / event_file(number), changed)


def event_file(number: int) -> str:
    return f"events/area{number // _AREA}/happened{number}.json"


def _subject(number: int) -> str:
    return f'"area.{number // _AREA}.happened{number}.{{id}}"'


def event(number: int) -> Schema:
    properties: Schema = {
        "id": {"$ref": f"{_COMMON}Id"},
        "source": {"$ref": f"{_COMMON}Source"},
        "happenedAt": {"type": "string", "format": "date-time"},
        "state": {"enum": ["open", "closed", f"state{number % 7}"]},
        "count": {"type": "integer", "minimum": 0},
        "amount": {"anyOf": [{"$ref": f"{_COMMON}Amount"}, {"type": "null"}]},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "note": {"type": "string", "maxLength": 200, "description": "What a person wrote beside it."},
        "lines": {"type": "array", "items": _line(number), "minItems": 1},
        "outcome": {"oneOf": [_outcome("done", "took"), _outcome("failed", "tried")]},
    }
    return {
        "$schema": DRAFT,
        "title": f"Happened{number}",
        "description": f"The {number}th thing that may happen.",
        "type": "object",
        "properties": properties,
        "required": ["id", "source", "happenedAt", "state", "lines"],
        "additionalProperties": False,
    }


def _line(number: int) -> Schema:
    return {
        "title": f"Line{number}",
        "type": "object",
        "properties": {
            "article": {"$ref": f"{_COMMON}Id"},
            "pieces": {"type": "integer", "minimum": 1, "maximum": 999},
        },
        "required": ["article", "pieces"],
        "additionalProperties": False,
    }


def _outcome(kind: str, told: str) -> Schema:
    return {
        "type": "object",
        "properties": {"kind": {"const": kind}, told: {"type": "integer"}},
        "required": ["kind", told],
        "additionalProperties": False,
    }


def _write(path: Path, schema: Schema) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(schema, indent=2) + "\n", encoding="utf-8")


_DEFINITIONS: Final[Schema] = {
    "Id": {"type": "string", "pattern": "^[a-z0-9-]{1,32}$"},
    "Source": {
        "type": "object",
        "properties": {"system": {"type": "string"}, "page": {"type": "string", "format": "uri"}},
        "required": ["system"],
        "additionalProperties": False,
    },
    "Amount": {
        "type": "object",
        "properties": {"value": {"type": "number"}, "currency": {"enum": ["EUR", "JPY", "USD"]}},
        "required": ["value", "currency"],
        "additionalProperties": False,
    },
}
