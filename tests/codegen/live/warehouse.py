"""A project with generated code and handlers, for tests of what the compiler asks of a server. All its names begin with a prefix."""

from __future__ import annotations

import json
from pathlib import Path

from streamworker_codegen.generate import generate
from streamworker_codegen.project import Project

PIPELINE = """\
pipeline: {prefix}
streams:
  {prefix}_ORDERS: {{subjects: ["{prefix}.orders.>"], max_age: 7d}}
subjects:
  {prefix}.orders.placed.{{id}}: events/placed.schema.json
  {prefix}.orders.paid.{{id}}: events/paid.schema.json
buckets:
  seen_{prefix}: {{key: "{{id}}", value: events/placed.schema.json}}
workers:
  biller:
    source: {prefix}.orders.placed.*
    sink: {prefix}.orders.paid.{{id}}
"""
HANDLER = """\
from generated.events import Paid, Placed
from generated.workers import biller


@biller.handler
async def bill(event: Placed) -> Paid | None:
    print("handlers may print")
    return Paid(id=event.id)


print("also when they are imported")
"""


def write_schemas(root: Path, prefix: str) -> Project:
    put(root, "schemas/pipeline.yaml", PIPELINE.format(prefix=prefix))
    for name in ("placed", "paid"):
        put_event(root, name)
    return Project(root)


def write_warehouse(root: Path, prefix: str) -> Project:
    """With generated code and a handler."""
    project = write_schemas(root, prefix)
    put(root, "handlers/biller.py", HANDLER)
    outcome = generate(project)
    assert not outcome.failed, outcome.problems
    return project


def put(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, "utf-8")


def put_event(root: Path, name: str, **more: object) -> None:
    properties = {"id": {"type": "string", "pattern": "^[a-z0-9]+$"}, **more}
    schema = {"title": name.title(), "type": "object", "properties": properties, "required": ["id"]}
    put(root, f"schemas/events/{name}.schema.json", json.dumps({**schema, "additionalProperties": False}))
