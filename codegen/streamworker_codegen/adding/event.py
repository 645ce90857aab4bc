"""A new event: its schema, where it is kept, and the subject that carries it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from streamworker_codegen.adding.infer import infer
from streamworker_codegen.documents import Json
from streamworker_codegen.errors import Refused
from streamworker_codegen.naming import pascal
from streamworker_codegen.problems import Position, Problem

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*")
_LIST = re.compile(r"\[\n\s*([^\[\]{}]*?)\n\s*\]")
_BREAK = re.compile(r",\n\s*")


def path_of(name: str) -> str:
    """`order.placed` -> `events/order/placed.schema.json`; the first word is the folder. Raises Refused."""
    if not _NAME.fullmatch(name):
        what, mend = f"`{name}` is no name of an event", "write words with dots between, such as order.placed"
        raise Refused(Problem(Position("schemas/events"), "bad-name", what, mend))
    folder, _, rest = name.partition(".")
    return f"events/{folder}/{rest}.schema.json" if rest else f"events/{folder}.schema.json"


def first_schema(name: str) -> dict[str, Json]:
    """Of an event of which nothing is known: it has an id."""
    body: dict[str, Json] = {
        "type": "object",
        "required": ["id"],
        "additionalProperties": False,
        "properties": {"id": {"type": "string", "format": "uuid"}},
    }
    return _headed(name, body)


def learnt_schema(name: str, samples: Sequence[Json]) -> tuple[dict[str, Json], tuple[str, ...]]:
    """From samples, with what was guessed."""
    found = infer(samples)
    return _headed(name, found.schema), found.guesses


def as_text(schema: dict[str, Json]) -> str:
    """JSON as people write it: a list of names stands on one line."""
    text = json.dumps(schema, ensure_ascii=False, indent=2)
    return _LIST.sub(lambda found: f"[{_BREAK.sub(', ', found[1])}]", text) + "\n"


def default_subject(name: str, schema: dict[str, Json]) -> str:
    """The event's name; with its id as a token, where it always has one that may be one."""
    properties, required = schema.get("properties"), schema.get("required")
    id_ = properties.get("id") if isinstance(properties, dict) else None
    always = isinstance(required, list) and "id" in required
    fits = isinstance(id_, dict) and (id_.get("type") == "integer" or id_.get("format") == "uuid")
    return f"{name}.{{id}}" if always and fits else name


def _headed(name: str, body: dict[str, Json]) -> dict[str, Json]:
    return {"$schema": _DRAFT, "title": pascal(name), **body}
