"""What is asked of datamodel-code-generator for each definition, with all that its text is made of."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from streamworker_codegen.documents import Json
from streamworker_codegen.models.fields import alias_of, camel, default_of, omittable
from streamworker_codegen.models.schema import RUNTIME, Schemas, field_name
from streamworker_codegen.models.text import docstring
from streamworker_codegen.shapes.types import Definition, Field, Key, ObjectShape

_BASES: Final = {True: f"{RUNTIME}.Event", False: f"{RUNTIME}.Part"}


@dataclass(frozen=True)
class FieldText:
    """What is written of a field beside its type. default: with its equals sign; "" for none. omittable: whether None stands for "omitted"."""

    name: str
    alias: str | None
    default: str
    omittable: bool


@dataclass(frozen=True)
class Request:
    """name: the definition's own. told: what our class template is told beside what the generator knows; for a named type, nothing."""

    name: str
    schema: Mapping[str, Json]
    base: str = ""
    told: Mapping[str, Json] | None = None
    fields: tuple[FieldText, ...] = ()

    def key(self, salt: str) -> str:
        """The same for the same text, made by the same tool."""
        fields = [(each.name, each.alias, each.default, each.omittable) for each in self.fields]
        whole = json.dumps([salt, self.name, self.schema, self.base, self.told, fields])
        return sha256(whole.encode()).hexdigest()[:32]


def requests(definitions: Mapping[Key, Definition], names: Mapping[Key, str], schemas: Schemas) -> Iterator[Request]:
    """One for each definition, by name."""
    for key in sorted(names, key=names.__getitem__):
        definition = definitions[key]
        if isinstance(definition, ObjectShape):
            yield _class(definition, names[key], schemas)
        else:
            yield Request(names[key], schemas.of(definition))


def _class(shape: ObjectShape, name: str, schemas: Schemas) -> Request:
    is_camel = camel(shape)
    told: dict[str, Json] = {
        "name": name,
        "keywords": ', extra="forbid"' * shape.closed + ", alias_generator=to_camel" * is_camel,
        "docstring": [*docstring(shape.description)],
        "documented": {field_name(at): [*docstring(each.description)] for at, each in enumerate(shape.fields)},
        "rest": schemas.text(shape.rest) if shape.rest else "",
    }
    fields = tuple(_field(each, is_camel) for each in shape.fields)
    return Request(name, schemas.of(shape), _BASES[shape.event], told, fields)


def _field(field: Field, is_camel: bool) -> FieldText:
    default = default_of(field)
    written = "" if default is None else f" = {default}"
    return FieldText(field.name, alias_of(field, is_camel), written, omittable(field))
