"""Names on the wire and in code, and the fields of an event that its schema does not name."""

from __future__ import annotations

from typing import Any, Final

from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

TAKES_UNKNOWN: Final = object()
"""The validation context in which an unknown field may be called like an attribute that has another name on the wire."""


OWN_ERRORS: Final = frozenset(("assertion", "date_time", "json", "unknown_name"))
"""The types of the errors that our validators raise."""


def json_name(name: str, field: FieldInfo) -> str:
    """What the field of an attribute is called on the wire."""
    return field.alias or name


def refuse_attribute_names(schema: CoreSchema) -> None:
    """Have a model refuse unknown fields that are called like one of its attributes.

    Pydantic would take that attribute for given and write its default. Such an event is decoded by a slower way, which mends it.
    """
    fields: Any = schema  # kinds of core schema have no common type
    while fields["type"] != "model-fields":
        fields = fields["schema"]
    attributes = frozenset(fields["fields"])

    def check(name: str, info: core_schema.ValidationInfo[object]) -> str:
        if name in attributes and info.context is not TAKES_UNKNOWN:
            raise PydanticCustomError("unknown_name", "a field that is not called like an attribute")
        return name

    names = core_schema.with_info_after_validator_function(check, core_schema.str_schema(strict=True))
    fields["extras_keys_schema"] = names
