"""Pairs of schemas whose labels are known by how they were made: a change of one field, or of one object, in many surroundings.

A label says what a reader can do: `stored`: the new schema reads all that was written by the old one; `sent`: the old schema reads all
that is written by the new one. Where a writer is closed to the fields that it names, it may be another label than where it is open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from streamworker_codegen.documents import Json

Schema = dict[str, Json]
DRAFT7 = "http://json-schema.org/draft-07/schema#"


@dataclass(frozen=True)
class Pair:
    name: str
    old: Schema
    new: Schema
    closed: bool
    stored: bool
    sent: bool


def text(**more: Json) -> Schema:
    return {"type": "string", **more}


def whole(**more: Json) -> Schema:
    return {"type": "integer", **more}


def number(**more: Json) -> Schema:
    return {"type": "number", **more}


def listed(items: Json = True, **more: Json) -> Schema:
    return {"type": "array", "items": items, **more}


def thing(properties: Schema, *required: str, **more: Json) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required), **more}


# name, old, new, stored, sent. Each is read the other way round, too.
FIELDS: list[tuple[str, Json, Json, bool, bool]] = [
    ("an integer becomes a number", whole(), number(), True, False),
    ("a text may be null", text(), {"type": ["string", "null"]}, True, False),
    ("a text becomes an integer", text(), whole(), False, False),
    ("a type becomes any", text(), True, True, False),
    ("a minimum is lower", whole(minimum=5), whole(minimum=1), True, False),
    ("a minimum is gone", whole(minimum=5), whole(), True, False),
    ("a maximum is higher", number(maximum=5), number(maximum=9.5), True, False),
    ("bounds move aside", whole(minimum=0, maximum=5), whole(minimum=3, maximum=9), False, False),
    ("a bound is no longer excluded", number(exclusiveMinimum=0), number(minimum=0), True, False),
    ("a bound of integers in other words", whole(exclusiveMinimum=0), whole(minimum=1), True, True),
    ("a multiple of less", whole(multipleOf=4), whole(multipleOf=2), True, False),
    ("a multiple of another", whole(multipleOf=2), whole(multipleOf=3), False, False),
    ("a text may be shorter", text(minLength=3), text(minLength=1), True, False),
    ("a text may be longer", text(maxLength=3), text(maxLength=8), True, False),
    ("a pattern is gone", text(pattern="^[a-z]+$"), text(), True, False),
    ("a pattern is another", text(pattern="^a+$"), text(pattern="^b+$"), False, False),
    ("a pattern takes more", text(pattern="^[a-c]{2}$"), text(pattern="^[a-z]{2}$"), True, False),
    ("a pattern stays, a length goes", text(pattern="^[a-z]+$", maxLength=4), text(pattern="^[a-z]+$"), True, False),
    ("a format is gone", text(format="date-time"), text(), True, False),
    ("a format is another", text(format="date"), text(format="uuid"), False, False),
    ("a format stays, a length goes", text(format="uri", maxLength=40), text(format="uri"), True, False),
    ("one more of an enum", {"enum": ["a", "b"]}, {"enum": ["a", "b", "c"]}, True, False),
    ("an enum in another order", {"enum": ["a", "b"]}, {"enum": ["b", "a"]}, True, True),
    ("an enum of others", {"enum": ["a", "b"]}, {"enum": ["b", "c"]}, False, False),
    ("an enum becomes a text", {"enum": ["a", "b"]}, text(), True, False),
    ("a constant becomes an enum", {"const": "a"}, {"enum": ["a", "b"]}, True, False),
    ("a constant becomes another", {"const": "a"}, {"const": "b"}, False, False),
    ("a constant in other words", {"const": "a"}, {"enum": ["a"]}, True, True),
    ("a constant that only looks alike", {"const": 1}, {"const": True}, False, False),
    ("an enum with null", {"enum": ["a"]}, {"enum": ["a", None]}, True, False),
    ("fewer items are asked for", listed(text(), minItems=2), listed(text()), True, False),
    ("more items may stand there", listed(text(), maxItems=2), listed(text(), maxItems=3), True, False),
    ("items may be more", listed(whole()), listed(number()), True, False),
    ("items are others", listed(text(), minItems=1), listed(whole(), minItems=1), False, False),
    ("items need not differ", listed(text(), uniqueItems=True), listed(text()), True, False),
    ("items need not hold one", listed(contains={"const": "a"}), listed(), True, False),
    (
        "a row is longer",
        {"type": "array", "prefixItems": [text()], "items": False},
        {"type": "array", "prefixItems": [text(), whole()], "items": False},
        True,
        False,
    ),
    (
        "a row is open",
        {"type": "array", "prefixItems": [text()], "items": False},
        {"type": "array", "prefixItems": [text()]},
        True,
        False,
    ),
    (
        "one more alternative",
        {"anyOf": [text(), whole()]},
        {"anyOf": [text(), whole(), {"type": "boolean"}]},
        True,
        False,
    ),
    (
        "one more alternative, of one",
        {"oneOf": [text(), whole()]},
        {"oneOf": [text(), whole(), {"type": "null"}]},
        True,
        False,
    ),
    ("an alternative that overlaps", {"oneOf": [whole()]}, {"oneOf": [whole(), whole(minimum=5)]}, False, True),
    ("alternatives in other words", {"anyOf": [text(), whole()]}, {"type": ["string", "integer"]}, True, True),
    (
        "one of, where none overlap, in other words",
        {"oneOf": [text(), whole()]},
        {"anyOf": [text(), whole()]},
        True,
        True,
    ),
    ("less holds together", {"allOf": [text(), {"minLength": 2}]}, {"allOf": [text()]}, True, False),
    ("together in other words", {"allOf": [text(), {"minLength": 2}]}, text(minLength=2), True, True),
    ("an exception is gone", {"type": "string", "not": {"const": "a"}}, text(), True, False),
    ("a condition is gone", {"type": "integer", "if": {"minimum": 5}, "then": {"multipleOf": 2}}, whole(), True, False),
    ("words about it change", text(title="A", description="b"), text(description="c", default="x"), True, True),
    (
        "a map's values may be more",
        {"type": "object", "additionalProperties": whole()},
        {"type": "object", "additionalProperties": number()},
        True,
        False,
    ),
    (
        "a map may be larger",
        {"type": "object", "additionalProperties": whole(), "maxProperties": 2},
        {"type": "object", "additionalProperties": whole()},
        True,
        False,
    ),
    (
        "a map's names may be more",
        {"type": "object", "propertyNames": {"maxLength": 3}, "additionalProperties": True},
        {"type": "object", "propertyNames": {"maxLength": 5}, "additionalProperties": True},
        True,
        False,
    ),
    (
        "a map's names follow no pattern",
        {"type": "object", "patternProperties": {"^x": text()}, "additionalProperties": False},
        {"type": "object", "additionalProperties": text()},
        True,
        False,
    ),
]


@dataclass(frozen=True)
class Labels:
    """stored, sent, of closed writers; and of open ones."""

    stored: bool
    sent: bool
    stored_open: bool
    sent_open: bool


AB: Schema = {"a": text(), "b": whole()}
# name, old, new, labels.
OBJECTS: list[tuple[str, Schema, Schema, Labels]] = [
    ("an optional field is added", thing({"a": text()}, "a"), thing(AB, "a"), Labels(True, True, False, True)),
    (
        "an optional field of any value is added",
        thing({"a": text()}, "a"),
        thing({"a": text(), "b": True}, "a"),
        Labels(True, True, True, True),
    ),
    ("an optional field is removed", thing(AB, "a"), thing({"a": text()}, "a"), Labels(True, True, True, False)),
    (
        "an optional field is renamed",
        thing({"a": text(), "b": whole()}, "a"),
        thing({"a": text(), "c": whole()}, "a"),
        Labels(True, True, False, False),
    ),
    (
        "an optional field is of another type",
        thing(AB, "a"),
        thing({"a": text(), "b": text()}, "a"),
        Labels(False, False, False, False),
    ),
    ("a required field is added", thing({"a": text()}, "a"), thing(AB, "a", "b"), Labels(False, True, False, True)),
    ("a required field is removed", thing(AB, "a", "b"), thing({"a": text()}, "a"), Labels(True, False, True, False)),
    ("a field is required", thing(AB, "a"), thing(AB, "a", "b"), Labels(False, True, False, True)),
    ("a field need not be there", thing(AB, "a", "b"), thing(AB, "a"), Labels(True, False, True, False)),
    (
        "an object is closed",
        thing(AB, "a"),
        thing(AB, "a", additionalProperties=False),
        Labels(True, True, False, True),
    ),
    (
        "an object is opened",
        thing(AB, "a", additionalProperties=False),
        thing(AB, "a"),
        Labels(True, True, True, False),
    ),
    (
        "a closed object takes one more",
        thing({"a": text()}, "a", additionalProperties=False),
        thing(AB, "a", additionalProperties=False),
        Labels(True, False, True, False),
    ),
    (
        "a closed object takes one less",
        thing(AB, "a", additionalProperties=False),
        thing({"a": text()}, "a", additionalProperties=False),
        Labels(False, True, False, True),
    ),
    (
        "a field asks for another",
        thing(AB),
        thing(AB, dependentRequired={"a": ["b"]}),
        Labels(False, True, False, True),
    ),
    (
        "one of two is asked for",
        thing(AB),
        thing(AB, anyOf=[{"required": ["a"]}, {"required": ["b"]}]),
        Labels(False, True, False, True),
    ),
    ("more fields have to be there", thing(AB), thing(AB, minProperties=1), Labels(False, True, False, True)),
    (
        "fields come from elsewhere",
        thing(AB, "a"),
        {"type": "object", "allOf": [thing({"a": text()}, "a"), thing({"b": whole()})]},
        Labels(True, True, True, True),
    ),
    (
        "closed over what comes from elsewhere",
        {"allOf": [thing({"a": text()}, "a"), thing({"b": whole()})], "type": "object", "unevaluatedProperties": False},
        thing(AB, "a", additionalProperties=False),
        Labels(True, True, True, True),
    ),
    (
        "other fields are texts",
        thing({"a": text()}, "a"),
        thing({"a": text()}, "a", additionalProperties=text()),
        Labels(True, True, False, True),
    ),
]


def event(schema: Json) -> Schema:
    return thing({"id": text(), "field": schema}, "id", "field")


def _variants(schema: Json) -> Schema:
    other = thing({"kind": {"const": "other"}, "why": text()}, "kind")
    chosen = thing({"kind": {"const": "this"}, "field": schema}, "kind", "field")
    return thing({"id": text(), "outcome": {"oneOf": [other, chosen]}}, "outcome")


def _tree(schema: Json) -> Schema:
    node = thing({"field": schema, "children": listed({"$ref": "#/$defs/Node"})}, "field")
    return {**thing({"id": text(), "tree": {"$ref": "#/$defs/Node"}}, "tree"), "$defs": {"Node": node}}


def _base(schema: Json) -> Schema:
    base = thing({"field": schema}, "field")
    return {
        "type": "object",
        "allOf": [{"$ref": "#/$defs/Base"}],
        "properties": {"id": text()},
        "$defs": {"Base": base},
    }


SURROUNDINGS: dict[str, Callable[[Json], Schema]] = {
    "a field": event,
    "a field that may be absent": lambda schema: thing({"id": text(), "field": schema}, "id"),
    "a field of a part": lambda schema: event(thing({"field": schema}, "field")),
    "an item": lambda schema: event(listed(schema)),
    "a value of a map": lambda schema: event({"type": "object", "additionalProperties": schema}),
    "a field of a variant": _variants,
    "a field of a base": _base,
    "a field of a tree": _tree,
}
AROUND_OBJECTS = (
    "a field",
    "an item",
    "a field of a variant",
    "a field of a base",
    "a value of a map",
    "a field of a tree",
)


def pairs() -> list[Pair]:
    return [*_fields(), *_objects(), *_other_drafts()]


def _fields() -> Iterator[Pair]:
    for index, (name, old, new, stored, sent) in enumerate(FIELDS):
        for number_, (where, around) in enumerate(SURROUNDINGS.items()):
            closed = (index + number_) % 3 > 0
            yield Pair(f"{name}: {where}", around(old), around(new), closed, stored, sent)


def _objects() -> Iterator[Pair]:
    for name, old, new, labels in OBJECTS:
        yield from _both(f"{name}: the event", old, new, labels)
        for where in AROUND_OBJECTS:
            around = SURROUNDINGS[where]
            yield from _both(f"{name}: {where}", around(old), around(new), labels)


def _both(name: str, old: Schema, new: Schema, labels: Labels) -> Iterator[Pair]:
    yield Pair(f"{name}: closed", old, new, True, labels.stored, labels.sent)
    yield Pair(f"{name}: open", old, new, False, labels.stored_open, labels.sent_open)


def _other_drafts() -> Iterator[Pair]:
    """What an older draft says in other words, or does not say."""

    def old(schema: Json) -> Schema:
        return {"$schema": DRAFT7, **event(schema)}

    yield Pair("draft 7 to 2020-12", old(text()), event(text()), False, True, True)
    yield Pair(
        "a row, in draft 7",
        old({"items": [text()], "additionalItems": False}),
        event({"prefixItems": [text()], "items": False}),
        False,
        True,
        True,
    )
    yield Pair(
        "a format that draft 7 does not assert",
        old(text(format="uuid")),
        event(text(format="uuid")),
        False,
        False,
        True,
    )
    yield Pair(
        "beside a reference, in draft 7",
        {**old({"$ref": "#/definitions/T", "minLength": 3}), "definitions": {"T": text()}},
        event(text()),
        False,
        True,
        True,
    )
    yield Pair("a keyword that draft 7 has not", old(text(dependentRequired={})), event(text()), False, True, True)
    bounds = {"$schema": "http://json-schema.org/draft-04/schema#", **event(whole(minimum=0, exclusiveMinimum=True))}
    # To draft 4, 1.0 is no integer.
    yield Pair("a bound, in draft 4", bounds, event(whole(minimum=1)), False, True, False)
    named: Schema = {**event({"$ref": "#t"}), "$defs": {"T": {"$anchor": "t", "type": "string"}}}
    yield Pair("an anchor in place of a path", named, event(text()), False, True, True)
