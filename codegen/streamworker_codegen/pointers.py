"""JSON pointers (RFC 6901)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamworker_codegen.documents import Json


def escape(key: str | int) -> str:
    """One step of a pointer."""
    return str(key).replace("~", "~0").replace("/", "~1")


def child(pointer: str, *keys: str | int) -> str:
    """The pointer of a value below `pointer`."""
    for key in keys:
        pointer = f"{pointer}/{escape(key)}"
    return pointer


@lru_cache(maxsize=1 << 16)
def steps(pointer: str) -> tuple[str, ...]:
    """The keys of a pointer, unescaped."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])


def follow(value: Json, pointer: str) -> Json:
    """The value at `pointer`. Raises LookupError where there is none."""
    for step in steps(pointer):
        value = _down(value, step)
    return value


def _down(value: Json, step: str) -> Json:
    if isinstance(value, dict):
        return value[step]
    if isinstance(value, list) and step.isdecimal():
        return value[int(step)]
    raise LookupError(step)
