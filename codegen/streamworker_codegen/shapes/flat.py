"""What all schemas that hold for one value say together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from streamworker_codegen.documents import Json, Place
from streamworker_codegen.shapes.types import Loss, Number

EVERY_TYPE: Final = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})


@dataclass(frozen=True)
class Alternatives:
    keyword: str
    place: Place
    branches: tuple[Place, ...]


@dataclass
class Flat:
    """What all of some schemas say together. `properties` and `items` are still schemas: for each, all that hold for it."""

    types: frozenset[str] = EVERY_TYPE
    literals: list[Json] | None = None
    at_least: list[tuple[Number, bool]] = field(default_factory=list)  # the bound, and whether it is excluded
    at_most: list[tuple[Number, bool]] = field(default_factory=list)
    multiples: list[Number] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    patterns: list[str] = field(default_factory=list)
    formats: list[tuple[str, str]] = field(default_factory=list)  # the draft, the name
    items: list[Place] = field(default_factory=list)
    first_items: list[list[Place]] = field(default_factory=list)
    lists: int = 0  # how many of the schemas say something of items
    unique: Place | None = None  # where uniqueItems is asked for
    properties: dict[str, list[Place]] = field(default_factory=dict)
    required: dict[str, Place] = field(default_factory=dict)
    allowed: frozenset[str] | None = None  # the properties of a closed object
    rest: list[Place] = field(default_factory=list)  # what holds for the other properties
    patterned: list[Place] = field(default_factory=list)  # what holds for properties by pattern
    only_patterned: bool = False  # whether it holds no others
    alternatives: list[Alternatives] = field(default_factory=list)
    possible: set[str] = field(default_factory=set)  # properties that only alternatives name
    annotations: dict[str, Json] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)

    def allows(self, name: str) -> bool:
        return self.allowed is None or name in self.allowed

    @property
    def description(self) -> str:
        return str(self.annotations.get("description", ""))

    @property
    def tag(self) -> str | None:
        """The property that `discriminator` names."""
        discriminator = self.annotations.get("discriminator")
        name = discriminator.get("propertyName") if isinstance(discriminator, dict) else None
        return name if isinstance(name, str) else None

    @property
    def tells_types(self) -> bool:
        """Whether it says what a value looks like, and not only what it must not lack."""
        return bool(
            self.types != EVERY_TYPE
            or self.properties
            or self.items
            or self.rest
            or self.alternatives
            or self.literals is not None
        )

    @property
    def restricts_scalars(self) -> bool:
        """Whether it says of texts or numbers more than their type."""
        said = (self.patterns, self.formats, self.at_least, self.at_most, self.multiples)
        return any(said) or not self.sizes.keys().isdisjoint(("minLength", "maxLength"))

    @property
    def plain(self) -> bool:
        """Whether nothing is said but types, alternatives and annotations."""
        said = (
            *(self.properties, self.required, self.rest, self.items, self.first_items, self.unique, self.sizes),
            *(self.patterns, self.formats, self.at_least, self.at_most, self.multiples, self.losses),
        )
        return not any(said) and self.allowed is None and self.literals is None
