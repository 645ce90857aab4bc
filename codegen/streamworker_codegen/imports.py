"""The import lines of a generated module, as ruff sorts them."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache
from typing import Final

from streamworker_codegen.models.annotations import WIDTH

# Where the names that generated code uses come from. A test resolves each in the runtime.
KNOWN: Final = {
    **dict.fromkeys(("Mapping", "Sequence"), "collections.abc"),
    **dict.fromkeys(("Annotated", "Final", "Literal", "TYPE_CHECKING", "TypeAlias", "assert_never", "final"), "typing"),
    "Field": "pydantic",
    "to_camel": "pydantic.alias_generators",
    **dict.fromkeys(
        ("Asserts", "Contracts", "Event", "Exact", "Json", "Omittable", "Part", "Timestamp"), "streamworker.contract"
    ),
    **dict.fromkeys(("SseSpec", "TimerSpec"), "streamworker.ingest.spec"),
    **dict.fromkeys(("BatchOptions", "RetryOptions", "WorkerOptions"), "streamworker.options"),
    **dict.fromkeys(("Bucket", "Http", "ObjectStore", "Stream"), "streamworker.resources"),
    **dict.fromkeys(("WorkerSpec", "bound"), "streamworker.spec"),
    "Item": "streamworker.handler",
    "Pipeline": "streamworker.pipeline",
    "Subject": "streamworker.subject",
}
RESERVED: Final = frozenset(KNOWN) | {"None", "True", "False"}
"""Names that no class of an event or of a part of one can have."""

_STANDARD: Final = {"collections.abc", "typing"}
_INSTALLED: Final = {"pydantic", "streamworker"}


class Imports:
    def __init__(self) -> None:
        self._names: dict[str, set[str]] = defaultdict(set)

    def add(self, module: str, name: str) -> None:
        self._names[module].add(name)

    def known(self, name: str) -> None:
        """Import a name of the standard library, of pydantic or of the runtime; others are none of ours."""
        if name in KNOWN:
            self.add(KNOWN[name], name)

    def lines(self) -> list[str]:
        """In groups, with a blank line between two."""
        groups: list[list[str]] = [[], [], [], []]
        for module in sorted(self._names, key=_module_order):
            groups[_group(module)] += self._line(module)
        return [line for block in filter(None, groups) for line in ("", *block)][1:]

    def _line(self, module: str) -> list[str]:
        renamed = sorted(name for name in self._names[module] if " as " in name)
        names = sorted(self._names[module].difference(renamed), key=member_order)
        return [*(f"from {module} import {each}" for each in renamed), *(_import(module, names) if names else [])]


def _import(module: str, names: list[str]) -> list[str]:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return [line]
    return [f"from {module} import (", *(f"    {name}," for name in names), ")"]


def relative(importer: str, imported: str) -> str:
    """The relative import path from one module to another; both by their path below `generated/`."""
    *here, _ = importer.split("/")
    there = imported.split("/")
    shared = 0
    while shared < min(len(here), len(there) - 1) and here[shared] == there[shared]:
        shared += 1
    return "." * (len(here) - shared + 1) + ".".join(there[shared:])


def member_order(name: str) -> tuple[int, list[tuple[int, int, str]], str]:
    """Constants, classes, then others; numbers within names by value."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, _natural(name.lower()), name


def listed_order(name: str) -> tuple[int, list[tuple[int, int, str]], str]:
    """As `member_order`, but capitals first: what ruff wants of `__all__`."""
    kind, _, _ = member_order(name)
    return kind, _natural(name), name


def _group(module: str) -> int:
    """The standard library, other distributions, the project by absolute names, the project by relative ones."""
    if module.startswith("."):
        return 3
    return 0 if module in _STANDARD else 1 if module.split(".")[0] in _INSTALLED else 2


def _module_order(module: str) -> tuple[int, list[tuple[int, int, str]]]:
    dots = len(module) - len(module.lstrip("."))
    return -dots, _natural(module.lstrip(".").lower())


@lru_cache(maxsize=1 << 14)
def _natural(text: str) -> list[tuple[int, int, str]]:
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", text) if part]
