"""Chains of references: in which documents one is a circle, or long."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from operator import itemgetter
from typing import Final, TypeAlias

from streamworker_codegen.components import components
from streamworker_codegen.documents import Place
from streamworker_codegen.errors import UnresolvedReference
from streamworker_codegen.registry import Registry

Node: TypeAlias = tuple[str, str]
"""A schema: the path of its document, and its pointer."""

_LONG: Final = 10


def references_of(registry: Registry) -> list[tuple[Place, Place]]:
    found = []
    for reference in registry.references():
        with suppress(UnresolvedReference):  # which others report
            found.append((reference.place, registry.resolve(reference.place, reference.text)))
    return found


def circular_or_long(references: Sequence[tuple[Place, Place]]) -> frozenset[str]:
    """The paths of documents in which a chain of references is a circle, or long. A reference leads on to those within its target."""
    onward: dict[str, list[tuple[str, Node]]] = defaultdict(list)  # of each document, sorted by where they stand
    for place, target in sorted(references, key=lambda each: each[0].pointer):
        onward[place.document.path].append((place.pointer, (target.document.path, target.pointer)))
    targets = {(target.document.path, target.pointer) for _, target in references}
    steps = {node: [to for _, to in _within(onward[node[0]], node[1])] for node in targets}
    length: dict[Node, int] = {}
    for component in components(steps):
        beyond = max((length.get(to, 0) for node in component for to in steps[node]), default=0)
        in_circle = len(component) > 1 or component[0] in steps[component[0]]
        length |= dict.fromkeys(component, _LONG if in_circle else beyond + 1)
    return frozenset(place.document.path for place, to in references if length[to.document.path, to.pointer] >= _LONG)


def _within(sorted_: Sequence[tuple[str, Node]], pointer: str) -> Sequence[tuple[str, Node]]:
    """Those at or below a pointer."""
    first = bisect_left(sorted_, pointer, key=itemgetter(0))
    end = bisect_left(sorted_, f"{pointer}0", key=itemgetter(0))  # "0" comes after "/"
    return [each for each in sorted_[first:end] if each[0] == pointer or each[0].startswith(f"{pointer}/")]
