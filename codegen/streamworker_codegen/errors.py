"""What the compiler raises. Problems of the user's input are values (`problems.py`); these carry one, or say that the machine failed.

CodegenError
├── Refused                one file or one reference that can't be taken; holds its Problems, and is caught by the phase that reports it
├── UnresolvedReference    a `$ref` that leads nowhere; says why
├── MalformedSubject       a text that is no subject; says what is wrong
├── CannotRead             a folder that can't be looked through
└── CannotWrite            a folder or disk that does not take the output
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from streamworker_codegen.problems import Problem

Why: TypeAlias = Literal["nothing", "web", "outside", "shared"]


class CodegenError(Exception):
    """Root of every error that the compiler raises."""


class Refused(CodegenError):
    """One input that can't be taken, with the problems to report."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__(*problems)


class UnresolvedReference(CodegenError):
    """`reference` leads to nothing. why: `nothing` is there, it is on the `web`, `outside` of the folder, or an
    `$id` that is `shared` by several files. target: where it was looked for."""

    def __init__(self, reference: str, target: str, why: Why) -> None:
        self.reference = reference
        self.target = target
        self.why = why
        super().__init__(reference, target, why)


class CannotRead(CodegenError):
    """A folder of the project could not be read. `path` is which, `reason` the system's words."""

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(path, reason)

    def __str__(self) -> str:
        return f"cannot read {self.path}: {self.reason}"


class CannotWrite(CodegenError):
    """The output could not be written. `path` is what failed, `reason` the system's words."""

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(path, reason)

    def __str__(self) -> str:
        return f"cannot write {self.path}: {self.reason}"


class MalformedSubject(CodegenError):
    """A subject that NATS or we can't take: what is wrong with it, and what to do."""

    def __init__(self, what: str, mend: str) -> None:
        self.what = what
        self.mend = mend
        super().__init__(what, mend)
