"""Shapes -> the one plain schema document that datamodel-code-generator reads: nothing in it is left for it to decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from streamworker_codegen.documents import Json
from streamworker_codegen.models.type_texts import TypeTexts, asserts, bounds, has_bounds
from streamworker_codegen.shapes.types import (
    AnyValue,
    Array,
    Boolean,
    Definition,
    Float,
    Integer,
    Key,
    Literals,
    Map,
    NamedType,
    Nothing,
    Null,
    ObjectShape,
    Ref,
    Row,
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
        if asserts(type_) or (isinstance(type_, Float | Union) and bounds(type_)):
            return self._stand_in(self._annotations.text(type_))
        match type_:
            case AnyValue() | Nothing():
                return {}
            case Null():
                return {"type": "null"}
            case Boolean():
                return {"type": "boolean"}
            case Timestamp():
                return {"customTypePath": f"{RUNTIME}.Timestamp"}
            case Integer() | Float() | Text():
                return _scalar(type_)
            case Literals(values):
                return {"enum": list(values)}
            case Array(items, shortest, longest):
                return {"type": "array", "items": self._inner(items), **_present(minItems=shortest, maxItems=longest)}
            case Row(items):
                return {
                    "type": "array",
                    "prefixItems": [self._inner(each) for each in items],
                    "items": False,
                    "minItems": len(items),
                }
            case Map(values, shortest, longest):
                return {
                    "type": "object",
                    "additionalProperties": self._inner(values),
                    **_present(minProperties=shortest, maxProperties=longest),
                }
            case Ref(key):
                return {"$ref": f"#/$defs/{self._names[key]}"}
            case Union(members):
                return {"anyOf": [self._inner(each) for each in members]}

    def _stand_in(self, text: str) -> Schema:
        """A type by a name that stands for `text`."""
        name = self._known.setdefault(text, f"Written{len(self._known)}")
        self.stand_ins[name] = text
        return {"customTypePath": f"{RUNTIME}.{name}"}

    def _inner(self, type_: Type) -> Schema:
        """A type within another: one with bounds is written by us, since the generator would invent a name for it."""
        return self._stand_in(self._annotations.text(type_)) if has_bounds(type_) else self._type(type_)


def _scalar(type_: Integer | Float | Text) -> Schema:
    names = _TYPES[type(type_)]
    return {"type": names, **{_KEYWORDS[name]: bound for name, bound in bounds(type_).items()}}


_TYPES: Final[dict[type, Json]] = {Integer: "integer", Float: ["integer", "number"], Text: "string"}
_KEYWORDS: Final = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "multiple_of": "multipleOf",
    "min_length": "minLength",
    "max_length": "maxLength",
    "pattern": "pattern",
}


def _present(**keywords: Json) -> Schema:
    return {name: value for name, value in keywords.items() if value is not None}
