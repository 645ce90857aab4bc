"""What JSON Schema calls the type of a value."""

from __future__ import annotations

from streamworker_codegen.documents import Json


def type_of(value: Json) -> str:
    """Of a number that is written with a fraction or an exponent: "number", though one without a remainder passes for an integer."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"
