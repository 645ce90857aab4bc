"""What templates see: names and texts that are ready to be written, in the order in which they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Constant:
    """`name: Final = function(` and the lines of its arguments."""

    name: str
    function: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class DefinitionText:
    """A class or named type. space: the blank lines before it. final: whether it is an event. docstring: that of a named type,
    which stands below it."""

    text: str
    space: str = ""
    final: bool = False
    docstring: tuple[str, ...] = ()


@dataclass(frozen=True)
class File:
    """A file to write. path: below `generated/`. source: what it is generated from, for its header. imports: their lines.
    values: what else its template sees."""

    path: str
    template: str
    source: str
    imports: tuple[str, ...] = ()
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Stub:
    """The first draft of a worker's handler. parameter, result: the types of what it takes and returns. cases: the classes of a
    union that it takes."""

    worker: str
    spec: str
    imports: tuple[str, ...]
    parameter: str
    result: str
    cases: tuple[str, ...]
    batch: bool
