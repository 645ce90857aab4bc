"""What the rules find, gathered."""

from __future__ import annotations

from streamworker_codegen.problems import Position, Problem


class Findings:
    """Problems in the order in which they were found."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    @property
    def failed(self) -> bool:
        return any(problem.severity == "error" for problem in self.problems)

    def error(self, where: Position, code: str, what: str, mend: str) -> None:
        self.problems.append(Problem(where, code, what, mend))

    def warn(self, where: Position, code: str, what: str, mend: str) -> None:
        self.problems.append(Problem(where, code, what, mend, "warning"))
