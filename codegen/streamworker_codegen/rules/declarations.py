"""The subjects as the pipeline file declares them: what sources, sinks and ingests refer to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from streamworker_codegen.graph import Subject
from streamworker_codegen.patterns import DeclaredSubject, FilterIndex


@dataclass(frozen=True, eq=False)
class Declaration:
    """order: its place in the file. subject: None where its own problem keeps it from being used; who refers to it is not to blame."""

    order: int
    declared: DeclaredSubject
    subject: Subject | None


class Declarations:
    """All of them, in the order of the file."""

    def __init__(self, declarations: Iterable[Declaration]) -> None:
        self._by_name = {each.declared.name: each for each in declarations}
        self._index: FilterIndex[Declaration] = FilterIndex()
        for each in self:
            self._index.add(each.declared.filter, each)

    def __iter__(self) -> Iterator[Declaration]:
        return iter(self._by_name.values())

    def named(self, name: str) -> Declaration | None:
        return self._by_name.get(name)

    def overlapping(self, filter: str) -> list[Declaration]:
        """Those that have some subject in common with a filter."""
        return self._index.overlapping(filter)
