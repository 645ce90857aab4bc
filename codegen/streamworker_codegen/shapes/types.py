"""The flat shape of a schema: what a generated model is made of. Every nested object and union has a key and stands apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple, TypeAlias

from streamworker_codegen.documents import Json, Place

Number: TypeAlias = "int | float"


class Key(NamedTuple):
    """What identifies a definition: the schemas that all hold for its values; the first names it.

    part: "object" for the objects among the values of schemas that allow others, too.
    """

    places: tuple[Place, ...]
    part: str = ""


@dataclass(frozen=True)
class AnyValue:
    """Any JSON value."""


@dataclass(frozen=True)
class Nothing:
    """No value at all; place: what says so. It does not outlive the settling of types."""

    place: Place


@dataclass(frozen=True)
class Null:
    pass


@dataclass(frozen=True)
class Boolean:
    pass


@dataclass(frozen=True)
class Integer:
    minimum: int | None = None
    maximum: int | None = None
    multiple_of: int | None = None


@dataclass(frozen=True)
class Float:
    """Any number: an integer stays one."""

    minimum: Number | None = None
    maximum: Number | None = None
    above: Number | None = None
    below: Number | None = None


@dataclass(frozen=True)
class Assertion:
    """A keyword that the runtime checks by the schema validator itself, on this value alone."""

    keyword: str
    argument: Json


@dataclass(frozen=True)
class Text:
    """pattern: one that means the same to the model's regex engine. asserts: what is left to the schema validator."""

    shortest: int | None = None
    longest: int | None = None
    pattern: str | None = None
    asserts: tuple[Assertion, ...] = ()


@dataclass(frozen=True)
class Timestamp:
    pass


@dataclass(frozen=True)
class Literals:
    """kinds: by which `Literals((1,))` differs from `Literals((True,))`, as it would not by its values."""

    values: tuple[str | int | None, ...]
    kinds: tuple[type, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kinds", tuple(map(type, self.values)))

    @property
    def of_numbers(self) -> bool:
        """Whether there are integers or booleans among them, which Python tells apart by their types alone."""
        return any(issubclass(kind, int) for kind in self.kinds)


@dataclass(frozen=True)
class Array:
    """unique: where it is asked that no two items are equal."""

    items: Type
    shortest: int | None = None
    longest: int | None = None
    unique: Place | None = None


@dataclass(frozen=True)
class Row:
    """An array of fixed length."""

    items: tuple[Type, ...]


@dataclass(frozen=True)
class Map:
    values: Type
    shortest: int | None = None
    longest: int | None = None


@dataclass(frozen=True)
class Ref:
    key: Key


@dataclass(frozen=True)
class Choice:
    """The `oneOf` or `anyOf` that a union was written as; hint: the property that is said to tell its members apart."""

    keyword: str
    place: Place
    hint: str | None = None


@dataclass(frozen=True)
class Union:
    """tag: the attribute by whose constant the members are told apart."""

    members: tuple[Type, ...]
    tag: str | None = None
    choice: Choice | None = None


Type: TypeAlias = "AnyValue | Nothing | Null | Boolean | Integer | Float | Text | Timestamp | Literals | Array | Row | Map | Ref | Union"


class Missing:
    """No default."""


MISSING: Final = Missing()


@dataclass(frozen=True)
class Field:
    """nullable: whether null may stand on the wire."""

    json_name: str
    name: str
    type: Type
    required: bool
    default: Json | Missing = MISSING
    description: str = ""
    nullable: bool = False


@dataclass(frozen=True)
class Loss:
    """An assertion that the model does not hold its values to: the schema validator has to.

    widened: what the type is wider than it could be, and how to mend that; "" where a type can't say it.
    """

    place: Place
    keyword: str
    widened: str = ""


@dataclass(frozen=True)
class Definition:
    """A class or a named type."""

    key: Key
    description: str
    losses: tuple[Loss, ...] = field(kw_only=True, default=())

    @property
    def place(self) -> Place:
        """Where it is written; of several places, the first."""
        return self.key.places[0]

    @property
    def types(self) -> Iterable[Type]:
        """Those that are written in it."""
        return ()

    @cached_property
    def uses(self) -> tuple[Key, ...]:
        """The definitions that it refers to, each once, in order."""
        return tuple(dict.fromkeys(key for type_ in self.types for key in references(type_)))


@dataclass(frozen=True)
class ObjectShape(Definition):
    """A class. closed: no other properties. rest: what they are, where that is said. event: whether it is a whole event or value,
    and not a part of one."""

    fields: tuple[Field, ...]
    closed: bool
    rest: Type | None = None
    event: bool = False

    @property
    def types(self) -> Iterable[Type]:
        return [*(each.type for each in self.fields), *([self.rest] if self.rest else [])]


@dataclass(frozen=True)
class NamedType(Definition):
    """A type that has a name of its own: an identifier with its bounds, a union."""

    type: Type

    @property
    def types(self) -> Iterable[Type]:
        return (self.type,)


def references(type_: Type) -> Iterator[Key]:
    """The definitions that a type is made of."""
    match type_:
        case Ref(key):
            yield key
        case Array(items):
            yield from references(items)
        case Map(values):
            yield from references(values)
        case Row(items) | Union(items):
            for item in items:
                yield from references(item)
        case _:
            return
