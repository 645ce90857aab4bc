"""What changed, told from a message that one side refuses: where in the schema, and in a few words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from streamworker_codegen.compat.judges import Refusal, refusal
from streamworker_codegen.compat.plain import Plain
from streamworker_codegen.documents import Json, Place
from streamworker_codegen.metaschema import describe, shown
from streamworker_codegen.pointers import child, steps
from streamworker_codegen.problems import Position
from streamworker_codegen.shapes.dialects import Schema
from streamworker_codegen.shapes.keywords import listed

_IN_PLACE: Final = ("allOf", "anyOf", "oneOf", "then", "else")
_LONGEST: Final = 400


@dataclass(frozen=True)
class Told:
    """where: in the new schema. what: changed. refused: the validator's words."""

    where: Position
    what: str
    refused: str


def told(example: Json, refuses: Plain, old: Plain, new: Plain) -> Told | None:
    """`refuses` is one of the two, and does not read `example`. None where the plain schema sees nothing wrong."""
    found = refusal(refuses.schema, example)
    if found is None:
        return None
    keyword = steps(found.by)[-1]
    before, after = _said(old.schema, found.at, keyword), _said(new.schema, found.at, keyword)
    at = f" at {found.at}" if found.at else ""
    return Told(
        _where(new, found, after[0], refuses is new),
        f"{at}: {_change(keyword, before[1], after[1], found)}",
        f"{found.at or 'as a whole'}: {describe(found.error)}",
    )


def sample(example: Json) -> str:
    """A message as it would be written, cut where it is long."""
    text = json.dumps(example, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _where(new: Plain, found: Refusal, at: str, refused_by_new: bool) -> Position:
    at = found.by if refused_by_new else at
    place = new.where(at)
    rest = at.removeprefix(_nearest(new.places, at))
    return Place(place.document, place.pointer + rest).where


def _nearest(places: Mapping[str, Place], at: str) -> str:
    while at not in places and at:
        at = at.rpartition("/")[0]
    return at


def _down(root: Json, pointer: str) -> Json:
    value = root
    for token in steps(pointer):
        if isinstance(value, dict):
            value = value.get(token)
        elif isinstance(value, list) and token.isdecimal() and int(token) < len(value):
            value = value[int(token)]
        else:
            return None
    return value


def _change(keyword: str, before: Json, after: Json, found: Refusal) -> str:
    match keyword:
        case "required":
            missing = _missing(found)
            required = missing in listed(after)
            return (
                f"`{missing}` is required, and was not" if required else f"`{missing}` may be absent, and was required"
            )
        case "enum" | "const":
            return _values(before, after, keyword)
        case "additionalProperties" | "unevaluatedProperties":
            return "other fields are refused on one side, and taken on the other"
        case _ if before == after or keyword == "":
            return "the schema changed"
        case _ if before is None:
            return f"`{keyword}` is {shown(after)}, and was not said"
        case _ if after is None:
            return f"`{keyword}` was {shown(before)}, and is not said any more"
        case _:
            return f"`{keyword}` is {shown(after)}, and was {shown(before)}"


def _values(before: Json, after: Json, keyword: str) -> str:
    old, new = listed(before), listed(after)
    if keyword == "enum" and old and new:
        gone, added = [each for each in old if each not in new], [each for each in new if each not in old]
        parts = [f"no longer has {_all(gone)}"] * bool(gone) + [f"has {_all(added)} too"] * bool(added)
        return f"`enum` {' and '.join(parts)}" if parts else "the schema changed"
    if before is None:
        return f"only {_all(new) if keyword == 'enum' else shown(after)} may stand there, where more could"
    if after is None:
        return f"more may stand there than {_all(old) if keyword == 'enum' else shown(before)}"
    return f"`{keyword}` is {shown(after)}, and was {shown(before)}"


def _all(values: list[Json]) -> str:
    return ", ".join(shown(each) for each in values)


def _missing(found: Refusal) -> str:
    kind = found.error.kind
    return str(getattr(kind, "property", "")).strip("\"'")


def _said(root: Json, at: str, keyword: str) -> tuple[str, Json]:
    """Where a plain schema says a keyword of the value at a pointer of a message, and what; None where it does not."""
    frontier = list(_in_place(root, "", root))
    for token in steps(at):
        frontier = [each for pointer, schema in frontier for each in _below(root, pointer, schema, token)]
    first = frontier[0][0] if frontier else ""
    for pointer, schema in frontier:
        if keyword in schema:
            return child(pointer, keyword), schema[keyword]
    return first, None


def _below(root: Json, pointer: str, schema: Schema, token: str) -> Iterator[tuple[str, Schema]]:
    named = schema.get("properties")
    if isinstance(named, dict) and token in named:
        yield from _in_place(named[token], child(pointer, "properties", token), root)
        return
    first = schema.get("prefixItems")
    if isinstance(first, list) and token.isdecimal() and int(token) < len(first):
        yield from _in_place(first[int(token)], child(pointer, "prefixItems", token), root)
        return
    for keyword in ("items",) if token.isdecimal() and "items" in schema else ("additionalProperties",):
        if keyword in schema:
            yield from _in_place(schema[keyword], child(pointer, keyword), root)


def _in_place(schema: Json, pointer: str, root: Json, seen: tuple[str, ...] = ()) -> Iterator[tuple[str, Schema]]:
    if not isinstance(schema, dict):
        return
    yield pointer, schema
    for keyword in _IN_PLACE:
        held = schema.get(keyword)
        for index, each in enumerate(held) if isinstance(held, list) else ():
            yield from _in_place(each, child(pointer, keyword, index), root, seen)
        if isinstance(held, dict):
            yield from _in_place(held, child(pointer, keyword), root, seen)
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference not in seen:
        yield from _in_place(_down(root, reference[1:]), reference[1:], root, (*seen, reference))
