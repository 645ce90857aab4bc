"""Problems: what is wrong with the input, where, and what to do. All phases report them; nobody stops at the first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "note"]


@dataclass(frozen=True, order=True)
class Position:
    """A place in a file: the path as the user knows it (relative to the project), line and column from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, order=True)
class Problem:
    """code: stable, in kebab-case, to look up and to test. what: one sentence. mend: what to do about it. evidence: lines that show it."""

    where: Position
    code: str
    what: str
    mend: str
    severity: Severity = "error"
    evidence: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.where}: {self.severity}: {self.what} [{self.code}]\n    {self.mend}"
