"""A shape -> the plain schema of it that datamodel-code-generator reads: nothing in it is left for it to decide."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from streamworker_codegen.documents import Json
from streamworker_codegen.models.type_texts import TypeTexts, has_bounds
from streamworker_codegen.shapes.types import (
    Array,
    Boolean,
    Definition,
    Float,
    Integer,
    Key,
    Literals,
    Map,
    NamedType,
    Null,
    ObjectShape,
    Ref,
    Text,
    Timestamp,
    Type,
    Union,
)

Schema = dict[str, Json]
RUNTIME: Final = "streamworker.contract"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def field_name(at: int) -> str:
    """The name of the field at an index."""
    return f"field{at}"


class Schemas:
    """Makes the schema of each definition. It stands by itself: other definitions are named in it, and not referred to.

    stand_ins: what to write for such a name, and for names of types that the generator has no words for.
    """

    def __init__(self, names: Mapping[Key, str]) -> None:
        self.stand_ins: dict[str, str] = {}
        self._texts = TypeTexts(names)
        self._known: dict[str, str] = {}  # the name that stands for a text

    def text(self, type_: Type) -> str:
        """A type as an annotation, as it is to be written."""
        return self._texts.text(type_)

    def of(self, definition: Definition) -> Schema:
        if isinstance(definition, NamedType):
            return self._type(definition.type)
        assert isinstance(definition, ObjectShape)
        properties: Schema = {field_name(at): self._type(field.type) for at, field in enumerate(definition.fields)}
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),  # what is optional is said afterwards
            "additionalProperties": not definition.closed,
        }

    def _type(self, type_: Type) -> Schema:
        """Types are the generator's. What narrows one is written by us, since it would round bounds and name types by itself."""
        if isinstance(type_, Ref) or has_bounds(type_):
            return self._stand_in(self._texts.text(type_))
        match type_:
            case Null() | Boolean() | Integer() | Float() | Text():
                return {"type": _TYPES[type(type_)]}
            case Timestamp():
                return {"customTypePath": f"{RUNTIME}.Timestamp"}
            case Literals(values):
                return {"enum": list(values)}
            case Array(items):
                return {"type": "array", "items": self._type(items)}
            case Map(values):
                return {"type": "object", "additionalProperties": self._type(values)}
            case Union(members):
                return {"anyOf": [self._type(each) for each in members]}
            case _:
                return {}

    def _stand_in(self, text: str) -> Schema:
        """A type by a name that stands for `text`, the same in each run, whatever else there is."""
        if text not in self._known:
            self._known[text] = f"Written{sha256(text.encode()).hexdigest()[:24]}"
            self.stand_ins[self._known[text]] = text
        return {"customTypePath": f"{RUNTIME}.{self._known[text]}"}


_TYPES: Final[dict[type, Json]] = {
    Null: "null",
    Boolean: "boolean",
    Integer: "integer",
    Float: ["integer", "number"],
    Text: "string",
}
