"""A value of the pipeline file and where it stands: how the file is read once its form has been checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from streamworker_codegen.documents import Document, Json
from streamworker_codegen.pointers import child, steps
from streamworker_codegen.problems import Position
from streamworker_codegen.quantities import seconds, size


@dataclass(frozen=True)
class Node:
    """`text`, `seconds` and the others read the value; the form of the file has been checked, so that they can't fail."""

    document: Document
    pointer: str
    value: Json

    @property
    def where(self) -> Position:
        return self.document.where(self.pointer)

    @property
    def key(self) -> str:
        """The key under which it stands."""
        return steps(self.pointer)[-1]

    @property
    def key_where(self) -> Position:
        return self.document.where(f"{self.pointer}#key")

    @property
    def text(self) -> str:
        return str(self.value)

    @property
    def seconds(self) -> float:
        """Of a duration."""
        return seconds(self.text)

    @property
    def size(self) -> int:
        """In bytes."""
        return size(self.value if isinstance(self.value, int) else self.text)

    @property
    def texts(self) -> tuple[Node, ...]:
        """Its elements; of a text alone, that text; nothing where there is no value."""
        if isinstance(self.value, list):
            return tuple(Node(self.document, child(self.pointer, index), each) for index, each in enumerate(self.value))
        return () if self.value is None else (self,)

    def __getitem__(self, key: str) -> Node:
        """The value of a key; one without value where there is none."""
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return Node(self.document, child(self.pointer, key), value)

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def __iter__(self) -> Iterator[Node]:
        """The values of its keys, in the order of the file."""
        for key in self.value if isinstance(self.value, dict) else ():
            yield self[key]
