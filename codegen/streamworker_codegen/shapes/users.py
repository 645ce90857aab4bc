"""By which property a definition is used, and beside which others: what names those that are several schemas together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from streamworker_codegen.shapes.types import Definition, Key, NamedType, ObjectShape, Type, references


@dataclass(frozen=True)
class Use:
    """name: of the property of `owner` where the definition stands; "" where that is a named type, or what its other properties are.
    members: all definitions that stand there, the members of a union."""

    owner: Key
    name: str
    members: tuple[Key, ...]


def uses_by_key(definitions: Mapping[Key, Definition]) -> dict[Key, list[Use]]:
    """The uses of each definition, in the order of their owners."""
    found: dict[Key, list[Use]] = defaultdict(list)
    for owner in definitions.values():
        for name, type_ in _places(owner):
            members = tuple(dict.fromkeys(references(type_)))
            for each in members:
                found[each].append(Use(owner.key, name, members))
    return found


def _places(owner: Definition) -> Iterator[tuple[str, Type]]:
    if isinstance(owner, ObjectShape):
        yield from ((field.json_name, field.type) for field in owner.fields)
        yield from [("", owner.rest)] if owner.rest else []
    elif isinstance(owner, NamedType):
        yield "", owner.type
