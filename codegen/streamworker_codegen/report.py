"""Problems for people: each with the line that it is about, and a caret under the place."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import typer

from streamworker_codegen.problems import Problem, Severity

_COLOURS = {"error": typer.colors.RED, "warning": typer.colors.YELLOW, "note": typer.colors.CYAN}
_WORD = re.compile(r"""\"(?:[^"\\]|\\.)*\"|'[^']*'|(?:[^\s,:\[\]{}"']|\{[\w.]*\})+|\S""")
_WIDTH = 110
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True)
class Report:
    """root: the project, whose lines are quoted. colour: whether the text goes to a terminal."""

    root: Path
    colour: bool = False

    def text(self, problems: Sequence[Problem]) -> str:
        """All of them, notes in one line each, and a line that counts the others; "" for none."""
        return "\n".join([*(self._problem(each) for each in problems), *_summary(problems)])

    def _problem(self, problem: Problem) -> str:
        severity = self._style(f"{problem.severity}:", fg=_COLOURS[problem.severity], bold=True)
        code = self._style(f"[{problem.code}]", dim=True)
        head = f"{self._style(str(problem.where), bold=True)}: {severity} {_plain(problem.what)} {code}"
        if problem.severity == "note":
            return head
        evidence = [f"    {_plain(line)}" for line in problem.evidence]
        return "\n".join([head, *self._excerpt(problem), *evidence, f"    {_plain(problem.mend)}", ""])

    def _excerpt(self, problem: Problem) -> list[str]:
        """The line, as much of it as a terminal shows, and carets under the word at the column."""
        line = _line(self.root / problem.where.file, problem.where.line)
        if not line.strip():
            return []
        column = min(problem.where.column - 1, len(line))
        start = max(0, column - _WIDTH // 2) if len(line) > _WIDTH else 0
        word = _WORD.match(line, column)
        marked = word[0][: start + _WIDTH - column] if word else " "
        carets = self._style("^" * max(1, _cells(marked)), fg=_COLOURS[problem.severity], bold=True)
        number = f"{problem.where.line:>5}"
        return [
            f"{number} | {_blank(line[start : start + _WIDTH])}",
            f"      | {' ' * _cells(line[start:column])}{carets}",
        ]

    def _style(self, text: str, *, fg: str | None = None, bold: bool | None = None, dim: bool | None = None) -> str:
        return typer.style(text, fg=fg, bold=bold, dim=dim) if self.colour else text


def _plain(text: str) -> str:
    """Without control characters, which a file's own text may hold."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def _summary(problems: Iterable[Problem]) -> list[str]:
    counts = Counter(problem.severity for problem in problems)
    order: tuple[Severity, ...] = ("error", "warning")
    parts = [f"{counts[each]} {each}{'s' if counts[each] > 1 else ''}" for each in order if counts[each]]
    return [", ".join(parts)] if parts else []


def _line(path: Path, number: int) -> str:
    lines = _lines(path)
    return lines[number - 1].rstrip("\r") if number <= len(lines) else ""


@lru_cache(maxsize=4)
def _lines(path: Path) -> list[str]:
    try:
        return path.read_bytes().decode("utf-8-sig", "replace").split("\n")
    except OSError:
        return []


def _blank(text: str) -> str:
    return _CONTROL.sub(" ", text)


def _cells(text: str) -> int:
    """How many columns of a terminal a text takes: two for each wide character, none for a combining one."""
    return sum(
        2 if unicodedata.east_asian_width(each) in "WF" else 0 if unicodedata.combining(each) else 1 for each in text
    )
