"""What can be decided only when all definitions are known: what tells the members of a union apart, and which names are worth one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from streamworker_codegen.shapes import unions
from streamworker_codegen.shapes.types import (
    AnyValue,
    Array,
    Boolean,
    Definition,
    Field,
    Key,
    Loss,
    Map,
    NamedType,
    Nothing,
    Null,
    ObjectShape,
    Ref,
    Row,
    Type,
    Union,
)


def settle(definitions: Mapping[Key, Definition]) -> dict[Key, Definition]:
    """The definitions that generated code is made of. Some turn out trivial only when they are settled."""
    settling = _Settling(definitions)
    settled = {key: settling.definition(each) for key, each in definitions.items() if not _trivial(each)}
    return settle(settled) if any(map(_trivial, settled.values())) else settled


class _Settling:
    def __init__(self, definitions: Mapping[Key, Definition]) -> None:
        self._definitions = definitions
        self._within: list[Key] = []  # the named types that are being written out

    def definition(self, definition: Definition) -> Definition:
        losses = list(definition.losses)
        match definition:
            case ObjectShape(fields=fields, rest=rest):
                settled = tuple(self._field(each, losses, definition) for each in fields)
                others = self.type(rest or AnyValue(), losses, definition)
                return replace(
                    definition,
                    fields=settled,
                    rest=None if others == AnyValue() else others,
                    losses=tuple(dict.fromkeys(losses)),
                )
            case NamedType(type=type_):
                named = self.type(type_, losses, definition)
                return replace(definition, type=named, losses=tuple(dict.fromkeys(losses)))
            case _:
                return definition

    def _field(self, field: Field, losses: list[Loss], owner: Definition) -> Field:
        type_ = self.type(field.type, losses, owner)
        nullable = unions.nullable(type_, self._definitions)
        same = type_ is field.type and nullable is field.nullable
        return field if same else replace(field, type=type_, nullable=nullable)

    def type(self, type_: Type, losses: list[Loss], owner: Definition) -> Type:
        match type_:
            case Ref(key):
                return self._reference(type_, key, losses, owner)
            case Array(items, unique=unique):
                if unique and not unions.scalar(items, self._definitions):
                    losses.append(Loss(unique, "uniqueItems"))
                    unique = None
                return replace(type_, items=self.type(items, losses, owner), unique=unique)
            case Map(values):
                return replace(type_, values=self.type(values, losses, owner))
            case Row(items):
                return Row(tuple(self.type(each, losses, owner) for each in items))
            case Union():
                return self._union(type_, losses, owner)
            case Nothing(place):
                losses.append(Loss(place, "", "no value is valid here"))
                return AnyValue()
            case _:
                return type_

    def _reference(self, ref: Ref, key: Key, losses: list[Loss], owner: Definition) -> Type:
        definition = self._definitions[key]
        if isinstance(definition, NamedType):
            if self._leads_back(key, owner):
                losses.append(
                    Loss(definition.place, "$ref", "a type that holds itself ends here: any value may stand deeper")
                )
                return AnyValue()
            if _trivial(definition):
                losses += definition.losses
                return self.type(definition.type, losses, definition)
        return ref

    def _leads_back(self, key: Key, owner: Definition) -> bool:
        """Whether a named type is made of `owner`, a named type too, by named types alone: none of them could be written first."""
        if not isinstance(owner, NamedType):
            return False
        seen: set[Key] = set()
        waiting = [key]
        while waiting:
            each = waiting.pop()
            if each == owner.key:
                return True
            if each not in seen and isinstance(self._definitions[each], NamedType):
                seen.add(each)
                waiting += self._definitions[each].uses
        return False

    def _union(self, union: Union, losses: list[Loss], owner: Definition) -> Type:
        if union.tag is not None:  # it is settled
            return replace(union, members=tuple(self.type(each, losses, owner) for each in union.members))
        choice = union.choice
        possible = [each for each in union.members if not self._is_nothing(each)]
        if not possible:
            return self.type(Nothing(owner.place), losses, owner)
        tag = unions.find_tag(possible, choice.hint if choice else None, self._definitions)
        if choice and choice.keyword == "oneOf" and not unions.exclusive(possible, tag, self._definitions):
            losses.append(Loss(choice.place, "oneOf"))
        members = [self.type(each, losses, owner) for each in possible]
        return unions.tagged(members, tag, self._definitions) if tag else unions.union(members, self._definitions)

    def _is_nothing(self, type_: Type) -> bool:
        definition = self._definitions[type_.key] if isinstance(type_, Ref) else None
        return isinstance(definition.type if isinstance(definition, NamedType) else type_, Nothing)


def _trivial(definition: Definition) -> bool:
    """Whether a named type says no more than what stands for it."""
    if not isinstance(definition, NamedType):
        return False
    match definition.type:
        case AnyValue() | Nothing() | Boolean() | Null() | Ref():
            return True
        case Union((Ref(), Null())) | Union((Null(), Ref())):
            return True
        case _:
            return False
