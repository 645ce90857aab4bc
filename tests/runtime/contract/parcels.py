"""Events of a parcel service: models as `generate` writes them, and the schemas that they are held to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeAlias, final

import jsonschema_rs
from pydantic import Field
from pydantic.alias_generators import to_camel
from streamworker.contract import Asserts, Contracts, Event, Json, Omittable, Part, Timestamp
from streamworker.subject import Subject


class ByRoad(Part, extra="forbid"):
    kind: Literal["road"]
    van: str


class ByAir(Part, extra="forbid", alias_generator=to_camel):
    kind: Literal["air"]
    flight_number: Annotated[str, Asserts("pattern", r"^\p{Lu}{2}\d+$")]
    stops: Omittable[tuple[str, ...]] = None


Route: TypeAlias = Annotated[ByRoad | ByAir, Field(discriminator="kind")]


@final
class Parcel(Event, extra="forbid", alias_generator=to_camel):
    """Sound and closed."""

    parcel_id: Annotated[str, Field(min_length=1)]
    weight: Annotated[int, Field(ge=0)]
    size: int | float
    sent_at: Timestamp
    url: Annotated[Omittable[str], Asserts("format", "uri")] = None
    note: Omittable[str] = None
    damage: str | None = None
    attempts: int = 3
    route: Omittable[Route] = None


class Hop(Part, alias_generator=to_camel):
    """Open."""

    depot_id: int
    is_last: Omittable[bool] = None
    via: Omittable[Hop] = None


@final
class Scan(Event, alias_generator=to_camel):
    """Sound and open at every level, and recursive."""

    scanner_name: str
    hops: tuple[Hop, ...]
    by_name: Omittable[Mapping[str, Hop]] = None
    payload: Json = None
    yard: Omittable[Yard] = None


class Labels(Part):
    """Its schema says what other fields may be."""

    if not TYPE_CHECKING:
        __pydantic_extra__: dict[str, str]

    main: str


class Yard(Part, alias_generator=to_camel):
    """Its other fields are parts, which are open."""

    if not TYPE_CHECKING:
        __pydantic_extra__: dict[str, Hop]

    gate_name: Omittable[str] = None


@final
class Ticket(Event, extra="forbid"):
    """Not sound: what its `if` asks and that its labels are texts, the schema alone knows."""

    level: int
    reason: Omittable[str] = None
    labels: Omittable[Labels] = None


DOCUMENTS: Final[dict[str, dict[str, object]]] = {
    "https://parcels.test/parcel.json": {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://parcels.test/parcel.json",
        "type": "object",
        "properties": {
            "parcelId": {"type": "string", "minLength": 1},
            "weight": {"type": "integer", "minimum": 0},
            "size": {"type": "number"},
            "sentAt": {"type": "string", "format": "date-time"},
            "url": {"type": "string", "format": "uri"},
            "note": {"type": "string"},
            "damage": {"type": ["string", "null"]},
            "attempts": {"type": "integer", "default": 3},
            "route": {"$ref": "shared.json#/definitions/Route"},
        },
        "required": ["parcelId", "weight", "size", "sentAt"],
        "additionalProperties": False,
    },
    "https://parcels.test/shared.json": {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "definitions": {
            "Route": {"oneOf": [{"$ref": "#/definitions/ByRoad"}, {"$ref": "#/definitions/ByAir"}]},
            "ByRoad": {
                "type": "object",
                "properties": {"kind": {"const": "road"}, "van": {"type": "string"}},
                "required": ["kind", "van"],
                "additionalProperties": False,
            },
            "ByAir": {
                "type": "object",
                "properties": {
                    "kind": {"const": "air"},
                    "flightNumber": {"type": "string", "pattern": r"^\p{Lu}{2}\d+$"},
                    "stops": {"type": "array", "items": {"type": "string"}},
                },
                "required": ["kind", "flightNumber"],
                "additionalProperties": False,
            },
        },
    },
    "streamworker:///events/scans.json": {
        "$defs": {
            "Scan": {
                "type": "object",
                "properties": {
                    "scannerName": {"type": "string"},
                    "hops": {"type": "array", "items": {"$ref": "#/$defs/Hop"}},
                    "byName": {"type": "object", "additionalProperties": {"$ref": "#/$defs/Hop"}},
                    "payload": True,
                    "yard": {
                        "type": "object",
                        "properties": {"gateName": {"type": "string"}},
                        "additionalProperties": {"$ref": "#/$defs/Hop"},
                    },
                },
                "required": ["scannerName", "hops"],
            },
            "Hop": {
                "type": "object",
                "properties": {
                    "depotId": {"type": "integer"},
                    "isLast": {"type": "boolean"},
                    "via": {"$ref": "#/$defs/Hop"},
                },
                "required": ["depotId"],
            },
        }
    },
    "streamworker:///events/ticket.json": {
        "type": "object",
        "properties": {
            "level": {"type": "integer"},
            "reason": {"type": "string"},
            "labels": {
                "type": "object",
                "properties": {"main": {"type": "string"}},
                "required": ["main"],
                "additionalProperties": {"type": "string", "maxLength": 5},
            },
        },
        "required": ["level"],
        "if": {"properties": {"level": {"minimum": 3}}},
        "then": {"required": ["reason"]},
        "additionalProperties": False,
    },
}
EVENTS: Final = {
    "Parcel": {"schema": "https://parcels.test/parcel.json#", "sound": True, "hash": "1"},
    "Scan": {"schema": "streamworker:///events/scans.json#/$defs/Scan", "sound": True, "hash": "2"},
    "Ticket": {"schema": "streamworker:///events/ticket.json#", "sound": False, "hash": "3"},
}
BUNDLE: Final = {"version": "v", "documents": DOCUMENTS, "events": EVENTS, "values": {}}


class Judge:
    """The schemas once more, compiled apart from the code under test."""

    def __init__(self) -> None:
        self._registry = jsonschema_rs.Registry(list(DOCUMENTS.items()))

    def accepts(self, event: str, value: object) -> bool:
        schema = {"$ref": EVENTS[event]["schema"]}
        return jsonschema_rs.validator_for(schema, registry=self._registry, validate_formats=True).is_valid(value)


class Subjects:
    """The subjects of a bundle."""

    def __init__(self, contracts: Contracts) -> None:
        self.parcel = Subject("parcel.{route.kind}.{parcelId}", Parcel, contracts["Parcel"])
        self.scan = Subject("scan.{scannerName}", Scan, contracts["Scan"])
        self.open_scan = Subject("scan.{scannerName}", Scan, contracts["Scan"], unknown="pass")
        self.ticket = Subject("ticket.{level}", Ticket, contracts["Ticket"])
