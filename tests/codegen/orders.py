"""A small project in a folder, and the compiler on it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

from streamworker_codegen.generate import Hooks, Outcome, check_drift, generate, nothing
from streamworker_codegen.project import Project

PIPELINE = """\
pipeline: shop
streams:
  ORDERS: {subjects: ["orders.>"], max_age: 30d}
subjects:
  orders.placed.{id}: events/orders/placed.schema.json
  orders.paid.{id}: events/billing/paid.schema.json
workers:
  biller:
    source: orders.placed.*
    sink: orders.paid.{id}
"""
UNPAID = PIPELINE.replace("  orders.paid.{id}: events/billing/paid.schema.json\n", "").replace(
    "    sink: orders.paid.{id}\n", ""
)
HANDLER = """\
from generated.events import OrderPaid, OrderPlaced
from generated.workers import biller


@biller.handler
async def bill(event: OrderPlaced) -> OrderPaid | None:
    return OrderPaid(id=event.id)
"""


def event(title: str, **more: object) -> str:
    properties = {"id": {"type": "string", "format": "uuid"}, **more}
    return json.dumps(
        {"title": title, "type": "object", "properties": properties, "required": ["id"], "additionalProperties": False}
    )


def put(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, "utf-8")


def write_orders(root: Path) -> Project:
    put(root, "schemas/pipeline.yaml", PIPELINE)
    put(root, "schemas/events/orders/placed.schema.json", event("OrderPlaced"))
    put(root, "schemas/events/billing/paid.schema.json", event("OrderPaid"))
    return Project(root)


def run(project: Project, *, force: bool = False, waiting: Callable[[], None] = nothing) -> Outcome:
    return generate(project, Hooks(waiting=waiting), force=force)


def codes(outcome: Outcome) -> list[tuple[str, str]]:
    return [(problem.code, problem.where.file) for problem in outcome.problems if problem.severity != "note"]


def check(project: Project) -> list[tuple[str, str]]:
    return codes(check_drift(project))


def tree(root: Path) -> dict[str, bytes]:
    """All of generated/ and handlers/, hidden files too, but for what Python and mypy cache."""
    found = [path for folder in ("generated", "handlers") for path in (root / folder).rglob("*") if path.is_file()]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found if "__pycache__" not in path.parts}


def times(root: Path) -> dict[str, int]:
    return {path: (root / path).stat().st_mtime_ns for path in tree(root)}


def command(project: Project, *arguments: str, **environment: str) -> list[str]:
    return [sys.executable, "-m", "tests.codegen.command", *arguments, "--project", str(project.root)]
