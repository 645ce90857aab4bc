"""A first schema from samples: no more than all of them show, and every guess is told.

Conservative: a field is required only where every sample has it, a format or an enum is said only where enough values agree, patterns
and bounds never, and unknown fields stay allowed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import jsonschema_rs

from streamworker_codegen.documents import Json
from streamworker_codegen.json_types import type_of

_FORMATS = ("date-time", "date", "uuid", "email", "ipv4", "ipv6", "uri")
_FEW_VALUES, _FOR_AN_ENUM, _EACH = 8, 20, 2
_FOR_A_FORMAT = 2
_FOR_A_MAP = 30


@dataclass(frozen=True)
class Inferred:
    """schema: which accepts every sample. guesses: what in it is more than certain, a line each."""

    schema: dict[str, Json]
    guesses: tuple[str, ...]


def infer(samples: Sequence[Json]) -> Inferred:
    """The schema of some values, of which there is at least one."""
    inferring = _Inferring()
    schema = inferring.schema(samples, "")
    return Inferred(schema, tuple(inferring.guesses))


@dataclass
class _Inferring:
    guesses: list[str] = field(default_factory=list)

    def schema(self, values: Sequence[Json], at: str) -> dict[str, Json]:
        types = sorted({type_of(value) for value in values}, key=_ORDER.index)
        if "number" in types and "integer" in types:
            types.remove("integer")
        if not types:
            return {}
        schema: dict[str, Json] = {"type": types[0] if len(types) == 1 else [*types]}
        schema |= self._texts([value for value in values if isinstance(value, str)], values, at)
        schema |= self._objects([value for value in values if isinstance(value, dict)], at)
        items = [item for value in values if isinstance(value, list) for item in value]
        return schema | ({"items": self.schema(items, f"{at}[]")} if items else {})

    def _texts(self, texts: Sequence[str], values: Sequence[Json], at: str) -> dict[str, Json]:
        if not texts:
            return {}
        if found := _format_of(texts):
            self._guess(at, f"format {found}, as all {len(texts)} texts have it")
            return {"format": found}
        counts = Counter(texts)
        few = len(counts) <= _FEW_VALUES and len(texts) >= _FOR_AN_ENUM and min(counts.values()) >= _EACH
        if few and len(texts) == len(values):
            self._guess(at, f"one of {', '.join(sorted(counts))}, the only texts among {len(texts)}")
            return {"enum": [*sorted(counts)]}
        return {}

    def _objects(self, objects: Sequence[dict[str, Json]], at: str) -> dict[str, Json]:
        if not objects:
            return {}
        names = list(dict.fromkeys(name for each in objects for name in each))
        required = [name for name in names if all(name in each for each in objects)]
        if len(names) > _FOR_A_MAP and not required:
            self._guess(at, f"a map: {len(names)} keys, none of them in all {len(objects)} objects")
            return {
                "additionalProperties": self.schema([value for each in objects for value in each.values()], f"{at}.*")
            }
        if optional := [name for name in names if name not in required]:
            self._guess(at, f"optional: {', '.join(optional)}, not in all {len(objects)} objects")
        below = f"{at}." if at else ""
        found: dict[str, Json] = {
            name: self.schema([each[name] for each in objects if name in each], f"{below}{name}") for name in names
        }
        return {**({"required": [*required]} if required else {}), "properties": found}

    def _guess(self, at: str, what: str) -> None:
        self.guesses.append(f"{at or 'the event'}: {what}")


_ORDER = ("object", "array", "string", "integer", "number", "boolean", "null")


def _format_of(texts: Sequence[str]) -> str | None:
    if len(texts) < _FOR_A_FORMAT:
        return None
    return next((name for name in _FORMATS if all(_validator(name).is_valid(text) for text in texts)), None)


@cache
def _validator(name: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True)
