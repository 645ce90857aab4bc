"""A sample of an event, made up from its schema: to measure on where nobody gives one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from streamworker_codegen.documents import Json, Place
from streamworker_codegen.explaining.pattern_text import text_like
from streamworker_codegen.fields import all_of, keyword, literals, properties, types
from streamworker_codegen.pointers import child
from streamworker_codegen.registry import Registry

_TEXTS: Final[Mapping[str, str]] = {
    "date-time": "2026-01-31T12:34:56.789Z",
    "date": "2026-01-31",
    "time": "12:34:56Z",
    "duration": "PT5M",
    "uuid": "0190c1e0-6a3b-7c44-9a55-5d1f3c2b1a00",
    "email": "someone@example.com",
    "hostname": "example.com",
    "uri": "https://example.com/a/b?c=d",
    "uri-reference": "/a/b",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
}
_DEEP: Final = 6


def samples_of(registry: Registry, event: Place) -> Iterator[Json]:
    """Values that the schema may accept, the likeliest first: its own examples, one with every field, one with the required alone."""
    for place in all_of(registry, [event]):
        for name in ("examples", "example"):
            value = keyword(registry, place, name)
            yield from value if name == "examples" and isinstance(value, list) else [value] if value is not None else []
    yield _Sampling(registry, whole=True).value([event], 0)
    yield _Sampling(registry, whole=False).value([event], 0)


class _Sampling:
    def __init__(self, registry: Registry, *, whole: bool) -> None:
        self._registry = registry
        self._whole = whole

    def value(self, places: list[Place], depth: int) -> Json:
        around = self._chosen(all_of(self._registry, places))
        for place in around:
            if values := literals(self._registry, place):
                return values[0]
            if isinstance(given := keyword(self._registry, place, "examples"), list) and given:
                return given[0]
        found = types(self._registry, around)
        kind = next(
            (each for each in ("object", "string", "integer", "number", "boolean", "array") if each in found), None
        )
        return self._of_kind(kind, around, depth)

    def _of_kind(self, kind: str | None, around: list[Place], depth: int) -> Json:
        match kind:
            case "object":
                return self._object(around, depth)
            case "array":
                return self._array(around, depth)
            case "string":
                return self._text(around)
            case "integer":
                return int(self._number(around))
            case "number":
                return self._number(around)
            case "boolean":
                return True
            case _:
                return None

    def _chosen(self, around: list[Place]) -> list[Place]:
        """With the first branch of each `oneOf` and `anyOf`."""
        branches = [
            Place(place.document, child(place.pointer, name, 0))
            for place in around
            for name in ("oneOf", "anyOf")
            if isinstance(keyword(self._registry, place, name), list)
        ]
        return [*around, *(self._chosen(all_of(self._registry, branches)) if branches else [])]

    def _object(self, around: list[Place], depth: int) -> Json:
        named: dict[str, list[Place]] = {}
        for place in around:
            for name in properties(self._registry, place):
                named.setdefault(name, []).append(Place(place.document, child(place.pointer, "properties", name)))
        required = {str(name) for place in around for name in _listed(keyword(self._registry, place, "required"))}
        wanted = [name for name in named if name in required or (self._whole and depth < _DEEP)]
        return {name: self.value(named[name], depth + 1) for name in wanted}

    def _array(self, around: list[Place], depth: int) -> Json:
        items = [
            Place(each.document, child(each.pointer, "items"))
            for each in around
            if isinstance(keyword(self._registry, each, "items"), dict)
        ]
        least = int(max([0, *self._numbers(around, "minItems")]))
        count = max(least, 2 if items and self._whole and depth < _DEEP else 0)
        return [self.value(items, depth + 1) for _ in range(count)]

    def _text(self, around: list[Place]) -> str:
        for place in around:
            pattern = keyword(self._registry, place, "pattern")
            if isinstance(pattern, str) and (like := text_like(pattern)) is not None:
                return like
        formats = (keyword(self._registry, place, "format") for place in around)
        text = next((_TEXTS[name] for name in formats if isinstance(name, str) and name in _TEXTS), "sample")
        shortest = int(max([0, *self._numbers(around, "minLength")]))
        longest = int(min([max(len(text), shortest), *self._numbers(around, "maxLength")]))
        return text.ljust(shortest, "x")[:longest]

    def _number(self, around: list[Place]) -> float:
        low = [*self._numbers(around, "minimum"), *(each + 1 for each in self._numbers(around, "exclusiveMinimum"))]
        high = [*self._numbers(around, "maximum"), *(each - 1 for each in self._numbers(around, "exclusiveMaximum"))]
        return min([max([42 if not high else min(42, *high), *low]), *high])

    def _numbers(self, around: list[Place], name: str) -> list[float]:
        values = (keyword(self._registry, place, name) for place in around)
        return [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
