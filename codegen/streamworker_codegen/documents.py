"""Schema documents with positions, and places in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from streamworker_codegen.pointers import follow
from streamworker_codegen.problems import Position, Problem

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


class Remark(NamedTuple):
    """A warning on a keyword of a document, wherever that lies: code, what and mend as a Problem has them."""

    pointer: str
    code: str
    what: str
    mend: str


class Outline(NamedTuple):
    """schemas: the pointers of all schemas of a document. names: of those that refer to others or can be referred to by a name, with the
    dialect of each. remarks: on its keywords."""

    schemas: list[str]
    names: list[tuple[str, str]]
    remarks: list[Remark]


@dataclass(frozen=True, eq=False)
class Document:
    """One file below `schemas/`. Each is read once, so a document equals itself alone, and places are cheap to compare and to hash.

    path: posix, relative to `schemas/`. uri: its absolute `$id`, else `streamworker:///` + path. draft: the URI of its draft.
    dialect: that of a metaschema in the folder which says by itself what keywords mean, where the document names one.
    shared_id: the `$id` that it was written with, where another file has it too; `value` and `uri` are without it.
    digest: of its text; "" where it was not read from a file. outline: of its schemas, where that is known.
    positions: by JSON pointer, of values ("" is the whole); keys stand under `pointer + "#key"`.
    """

    path: str
    uri: str
    draft: str
    value: Json
    positions: Mapping[str, Position]
    dialect: str = ""
    shared_id: str = ""
    digest: str = ""
    outline: Outline | None = None
    _found: dict[str, Json] = field(
        default_factory=dict, init=False, repr=False
    )  # by pointer: schemas are looked at again and again

    def value_at(self, pointer: str) -> Json:
        """The value at a pointer. Raises LookupError where there is none."""
        if pointer not in self._found:
            self._found[pointer] = follow(self.value, pointer)
        return self._found[pointer]

    def where(self, pointer: str) -> Position:
        """The position of a value, or of the nearest value around it."""
        while pointer not in self.positions and pointer:
            pointer = pointer.rpartition("/")[0]
        return self.positions[pointer]


class Place(NamedTuple):
    """A schema: a document and a JSON pointer into it. All the compiler's tables go by places, so they are plain tuples."""

    document: Document
    pointer: str = ""

    @property
    def where(self) -> Position:
        return self.document.where(self.pointer)


@dataclass(frozen=True)
class Documents:
    """The schema files: those that are valid schemas, by path; the paths of the others, and what is wrong with them."""

    files: Mapping[str, Document]
    refused: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()
