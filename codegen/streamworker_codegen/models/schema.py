"""Shapes -> the one plain schema document that datamodel-code-generator reads: nothing in it is left for it to decide."""

from __future__ import annotations

from collections.abc import Mapping
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


class Document:
    """The schema document of all definitions, under names of ours that mean nothing to the generator: it changes some that do.

    keys: the definition of each of these names. stand_ins: what to write for such a name, and for names of types that the generator has no words for.
    """

    def __init__(self, definitions: Mapping[Key, Definition], names: Mapping[Key, str]) -> None:
        self.keys = {f"Definition{at}": key for at, key in enumerate(sorted(names, key=names.__getitem__))}
        self.stand_ins = {name: names[key] for name, key in self.keys.items()}
        self._names = {key: name for name, key in self.keys.items()}
        self._annotations = TypeTexts(names)
        self._known: dict[str, str] = {}  # the name that stands for an annotation
        self.schema: Schema = {
            "$schema": DIALECT,
            "$defs": {name: self._definition(definitions[key]) for name, key in self.keys.items()},
        }

    def text(self, type_: Type) -> str:
        """A type as an annotation, as it is to be written."""
        return self._annotations.text(type_)

    def _definition(self, definition: Definition) -> Schema:
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
        if has_bounds(type_):
            return self._stand_in(self._annotations.text(type_))
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
            case Ref(key):
                return {"$ref": f"#/$defs/{self._names[key]}"}
            case Union(members):
                return {"anyOf": [self._type(each) for each in members]}
            case _:
                return {}

    def _stand_in(self, text: str) -> Schema:
        """A type by a name that stands for `text`."""
        name = self._known.setdefault(text, f"Written{len(self._known)}")
        self.stand_ins[name] = text
        return {"customTypePath": f"{RUNTIME}.{name}"}


_TYPES: Final[dict[type, Json]] = {
    Null: "null",
    Boolean: "boolean",
    Integer: "integer",
    Float: ["integer", "number"],
    Text: "string",
}
