"""Instances for a schema, mostly valid and sometimes nearly: what a property test feeds to a model and to the schema validator."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from streamworker_codegen.documents import Json, Place
from streamworker_codegen.registry import Registry
from streamworker_codegen.shapes.dialects import keywords, step

_SCALARS: st.SearchStrategy[Json] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 120),
    st.sampled_from([0.5, 1.0, -0.0, 1e300, 2**70, 10**25]),
    st.sampled_from(["", "a", "AB1", "é", "🎉🎉", "on", "off", "x" * 70, "2026-01-02T03:04:05Z", "2026-13-02T03:04:05Z"]),
    st.sampled_from(["http://a.invalid/b", "no uri", "0e37df36-f698-11e6-8dd4-cb9ced3df976", "2026-02-30", "12", "１２"]),
    st.text(max_size=3),
)
_ANYTHING: st.SearchStrategy[Json] = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "kind", "type"]), inner, max_size=3),
    max_leaves=4,
)


class Instances:
    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def of(self, place: Place, depth: int = 4) -> st.SearchStrategy[Json]:
        """Values that look as the schema says, one in ten of them anything at all."""
        return st.integers(0, 9).flatmap(lambda dice: _ANYTHING if dice == 0 or depth == 0 else self._like(place, depth))

    def _like(self, place: Place, depth: int) -> st.SearchStrategy[Json]:
        schema, _ = keywords(place)
        if "enum" in schema or "const" in schema:
            values = schema["enum"] if "enum" in schema else [schema["const"]]
            return st.sampled_from([*values, True, 1, 1.0])  # type: ignore[misc]  # a JSON array
        target = self._registry.target(place)
        if target is not None:
            return self._merged([target, *self._applied(place)], place, depth)
        return self._merged(self._applied(place), place, depth)

    def _applied(self, place: Place) -> list[Place]:
        schema, _ = keywords(place)
        members: Any = schema.get("allOf", [])
        return [step(place, "allOf", index) for index in range(len(members))]

    def _merged(self, applied: list[Place], place: Place, depth: int) -> st.SearchStrategy[Json]:
        schema, _ = keywords(place)
        parts = [self.of(each, depth) for each in applied]
        for keyword in ("oneOf", "anyOf"):
            branches: Any = schema.get(keyword, [])
            if branches:
                parts.append(st.one_of(*(self.of(step(place, keyword, index), depth) for index in range(len(branches)))))
        if not parts or "properties" in schema or "type" in schema:
            parts.append(self._own(place, depth))
        return st.tuples(*parts).map(_together)

    def _own(self, place: Place, depth: int) -> st.SearchStrategy[Json]:
        schema, _ = keywords(place)
        named: Any = schema.get("type", [])
        types = [named] if isinstance(named, str) else named
        if not types:
            types = ["object"] if "properties" in schema else []
        options = [self._of_type(each, place, depth) for each in types]
        return st.one_of(*options) if options else _ANYTHING

    def _of_type(self, name: str, place: Place, depth: int) -> st.SearchStrategy[Json]:
        match name:
            case "object":
                return self._object(place, depth)
            case "array":
                return self._array(place, depth)
            case "null":
                return st.none()
            case "boolean":
                return st.booleans()
            case "integer" | "number":
                return st.integers(-3, 120) | st.sampled_from([0.5, 1.0, 5.0, 10**25])
            case _:
                return _SCALARS.filter(lambda value: isinstance(value, str))

    def _object(self, place: Place, depth: int) -> st.SearchStrategy[Json]:
        schema, _ = keywords(place)
        properties: Any = schema.get("properties", {})
        required: Any = schema.get("required", [])
        fields = {name: self.of(step(place, "properties", name), depth - 1) for name in properties}
        fixed = {name: fields.get(name, _ANYTHING) for name in required}
        optional = {name: value for name, value in fields.items() if name not in required}
        rest: Any = schema.get("additionalProperties", True)
        values = self.of(step(place, "additionalProperties"), depth - 1) if isinstance(rest, dict) else _ANYTHING
        others = st.dictionaries(st.sampled_from(["x-1", "other", "is_main", "name"]), values, max_size=2)
        extras = others if rest is not False else st.just({}) | others
        made = st.fixed_dictionaries(fixed, optional=optional)
        dropped = st.tuples(made, st.sampled_from([*required, ""])).map(lambda pair: {k: v for k, v in pair[0].items() if k != pair[1]})
        return st.tuples(st.integers(0, 9), made, dropped, extras).map(
            lambda drawn: {**(drawn[3] if drawn[0] > 5 else {}), **(drawn[2] if drawn[0] == 0 else drawn[1])}
        )

    def _array(self, place: Place, depth: int) -> st.SearchStrategy[Json]:
        schema, _ = keywords(place)
        first: Any = schema.get("prefixItems", [])
        rows = st.tuples(*(self.of(step(place, "prefixItems", index), depth - 1) for index in range(len(first)))).map(list)
        items = self.of(step(place, "items"), depth - 1) if isinstance(schema.get("items"), dict) else _ANYTHING
        more = st.lists(items, max_size=3) if not first else st.just([]) | st.lists(items, max_size=2)
        return st.tuples(rows, more).map(lambda pair: [*pair[0], *pair[1]])


def _together(values: tuple[Json, ...]) -> Json:
    """Objects merged, as they have to be to satisfy all; else the last value."""
    if all(isinstance(each, dict) for each in values):
        return {name: value for each in values if isinstance(each, dict) for name, value in each.items()}
    return values[-1]
