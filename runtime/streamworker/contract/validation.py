"""What a JSON Schema says of a value: judged by jsonschema-rs, formats asserted, nothing fetched."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Any, Final

import jsonschema_rs
from pydantic_core import from_json

from streamworker.contract.json_values import DEEPEST
from streamworker.errors import Violation

_MASK: Final = "the value"  # stands for the value in every message: payloads may hold secrets
_MOST: Final = 50  # violations that are told


class Validator:
    """One schema of a bundle. documents: all that its references may reach, by URI."""

    def __init__(self, schema: str, documents: Mapping[str, Any]) -> None:  # JSON
        registry = jsonschema_rs.Registry(list(documents.items()))
        self._validator = jsonschema_rs.validator_for(
            {"$ref": schema}, registry=registry, validate_formats=True, offline=True, mask=_MASK
        )
        self.is_valid = self._validator.is_valid

    def violations(self, value: object) -> list[Violation]:
        """Every place where a value breaks the schema, the first fifty; in a union, those of the branch that fits best."""
        found: list[Violation] = []
        for error in self._validator.iter_errors(value):
            found.extend(_told(error))
            if len(found) >= _MOST:
                break
        return list(dict.fromkeys(found))[:_MOST]


def parse(data: bytes) -> object:
    """The JSON value of bytes. Raises ValueError, with what is wrong, for all that is not JSON, or more than we take: not UTF-8, a
    byte-order mark, NaN, numbers of over 4,300 digits or beyond a double, nesting over 200."""
    value: object = from_json(data, allow_inf_nan=False, cache_strings="keys")
    if (b"e" in data or b"E" in data) and not _is_finite(value):
        raise ValueError("number out of range")
    return value


def _is_finite(value: object) -> bool:
    if isinstance(value, dict):
        return all(map(_is_finite, value.values()))
    if isinstance(value, list):
        return all(map(_is_finite, value))
    return not isinstance(value, float) or isfinite(value)


def unreadable(error: ValueError) -> Violation:
    """What stands in the way of reading bytes as JSON, without repeating them."""
    text = str(error)
    if "recursion" in text:
        return Violation("", f"no more than {DEEPEST} levels of nesting")
    return Violation("", f"JSON: {text}")


def _told(error: Any) -> Iterator[Violation]:  # jsonschema_rs declares its errors loosely
    branches = getattr(error.kind, "context", None) or ()
    tags = [_tag(branch) for branch in branches]
    if (
        branches and all(tag for _, tag in tags) and len({where for where, _ in tags}) == 1
    ):  # no branch is meant: say which there are
        yield Violation(tags[0][0], "one of " + ", ".join(dict.fromkeys(tag for _, tag in tags)))
    elif branches and (best := min(branches, key=_distance)):
        for nested in best:
            yield from _told(nested)
    else:
        yield Violation(pointer(error.instance_path), _expected(error.message))


def _tag(branch: Sequence[Any]) -> tuple[str, str]:
    """Where a branch of a union wants which constant, if that is what it misses; else two empty texts."""
    for error in branch:
        if error.kind.name == "const":
            return pointer(error.instance_path), json.dumps(error.kind.as_dict()["expected_value"], ensure_ascii=False)
    return "", ""


def _distance(branch: Sequence[Any]) -> tuple[bool, int]:
    """How far a value is from a branch of a union: a wrong tag rules it out, then the fewest errors win."""
    return any(error.kind.name in ("const", "enum", "type") for error in branch), len(branch)


def pointer(place: Sequence[str | int]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in place)


def _expected(message: str) -> str:
    """A message of the validator without the words for the value itself."""
    return message.removeprefix(f"{_MASK} ")
