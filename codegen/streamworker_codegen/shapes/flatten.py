"""Schemas that all hold for one value, flattened into one: references followed, `allOf` merged, alternatives left standing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

from streamworker_codegen.documents import Place
from streamworker_codegen.shapes.dialects import Schema, keywords, step
from streamworker_codegen.shapes.flat import Alternatives, Flat
from streamworker_codegen.shapes.keywords import listed, mapped, read_keywords
from streamworker_codegen.shapes.types import Loss

_ANY_NAME: Final = "\0any"  # among the names that a schema evaluates: all those that it does not list


class References(Protocol):
    """Where references lead; None where one leads nowhere, which others report."""

    def target(self, place: Place) -> Place | None:
        """The schema that the `$ref` of the schema at `place` names."""


def flatten(places: Iterable[Place], references: References) -> Flat:
    """One flat schema for all of `places`. A branch of an alternative that is among them is taken as chosen."""
    flattening = _Flattening(references, tuple(places))
    for place in flattening.places:
        flattening.add(place)
    return flattening.flat


class _Flattening:
    def __init__(self, references: References, places: tuple[Place, ...]) -> None:
        self.flat = Flat()
        self.places = places
        self._references = references
        self._evaluates: dict[tuple[str, str], frozenset[str]] = {}

    def add(self, place: Place) -> frozenset[str]:
        """Merge the schema at `place`; returns the properties that it names, itself or through others."""
        spot = (place.document.uri, place.pointer)
        if spot in self._evaluates:
            return self._evaluates[spot]
        self._evaluates[spot] = frozenset()
        schema, constant = keywords(place)
        if constant == "false":
            self.flat.types = frozenset()
        read_keywords(self.flat, schema, place)
        named = frozenset(mapped(schema.get("properties")))
        self._close(place, schema, "additionalProperties", named)
        if schema.get("additionalProperties", False) is not False or "patternProperties" in schema:
            named |= {_ANY_NAME}
        named |= self._others(place, schema)
        self._close(place, schema, "unevaluatedProperties", named)
        if schema.get("unevaluatedProperties", False) is not False:
            named |= {_ANY_NAME}
        self._evaluates[spot] = named
        return named

    def _close(self, place: Place, schema: Schema, keyword: str, named: frozenset[str]) -> None:
        if schema.get(keyword, True) is not False:
            return
        if _ANY_NAME in named or "patternProperties" in schema:
            self.flat.losses.append(Loss(place, keyword))
        else:
            allowed = self.flat.allowed
            self.flat.allowed = named if allowed is None else allowed & named

    def _others(self, place: Place, schema: Schema) -> frozenset[str]:
        """What other schemas say that it brings in, in place."""
        named: frozenset[str] = frozenset()
        if "$ref" in schema:
            target = self._references.target(place)
            named |= self.add(target) if target else self._lose(place, "$ref")
        for index in range(len(listed(schema.get("allOf")))):
            named |= self.add(step(place, "allOf", index))
        for keyword in ("oneOf", "anyOf"):
            if keyword in schema:
                named |= self._alternatives(place, keyword, len(listed(schema[keyword])))
        if "$dynamicRef" in schema or "$recursiveRef" in schema:  # what they lead to depends on who refers
            named |= {_ANY_NAME}
        return named | self._conditional(place, schema)

    def _lose(self, place: Place, keyword: str) -> frozenset[str]:
        self.flat.losses.append(Loss(place, keyword))
        return frozenset({_ANY_NAME})

    def _alternatives(self, place: Place, keyword: str, count: int) -> frozenset[str]:
        branches = tuple(step(place, keyword, index) for index in range(count))
        chosen = [branch for branch in branches if branch in self.places]
        if chosen:
            named, others = self.add(chosen[0]), self._names(each for each in branches if each != chosen[0])
            return named | {_ANY_NAME} if keyword == "anyOf" and others - named else named  # others may hold as well
        self.flat.alternatives.append(Alternatives(keyword, place, branches))
        named = self._names(branches)
        self.flat.possible |= named - {_ANY_NAME}
        return named

    def _conditional(self, place: Place, schema: Schema) -> frozenset[str]:
        """The properties that conditions name: any value may stand there, since the shape does not judge conditions."""
        within = [step(place, name) for name in ("if", "then", "else") if name in schema]
        within += [step(place, "dependentSchemas", name) for name in mapped(schema.get("dependentSchemas"))]
        if not within:
            return frozenset()
        named = self._names(within)
        for name in sorted(named - {_ANY_NAME}):
            self.flat.properties.setdefault(name, [])
        return named

    def _names(self, places: Iterable[Place]) -> frozenset[str]:
        """The properties that schemas name which may hold."""
        aside = _Flattening(self._references, ())
        aside._evaluates = dict(self._evaluates)  # what is being read is not read again: in-place circles end here
        return frozenset().union(*(aside.add(place) for place in places))
