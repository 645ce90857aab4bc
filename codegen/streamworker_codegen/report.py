"""Problems for people: each with the line that it is about, and a caret under the place."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import typer

from streamworker_codegen.problems import Problem, Severity

_COLOURS = {"error": typer.colors.RED, "warning": typer.colors.YELLOW, "note": typer.colors.CYAN}
_WORD = re.compile(r"""\"(?:[^"\\]|\\.)*\"|'[^']*'|[^\s,:\[\]{}"']+(?:\{[\w.]*\}[^\s,:\[\]{}"']*)*|\S""")
_WIDTH = 110
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def show(problems: Sequence[Problem], root: Path) -> str:
    """All of them, notes in one line each, and a line that counts the others; "" for none."""
    return "\n".join([*(_problem(each, root) for each in problems), *_summary(problems)])


def _problem(problem: Problem, root: Path) -> str:
    severity = typer.style(f"{problem.severity}:", fg=_COLOURS[problem.severity], bold=True)
    head = f"{typer.style(str(problem.where), bold=True)}: {severity} {_plain(problem.what)} {typer.style(f'[{problem.code}]', dim=True)}"
    if problem.severity == "note":
        return head
    excerpt = _excerpt(_line(root / problem.where.file, problem.where.line), problem)
    return "\n".join([head, *excerpt, f"    {_plain(problem.mend)}", ""])


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
    return lines[number - 1] if number <= len(lines) else ""


@lru_cache(maxsize=4)
def _lines(path: Path) -> list[str]:
    try:
        return path.read_bytes().decode("utf-8-sig", "replace").split("\n")
    except OSError:
        return []


def _excerpt(line: str, problem: Problem) -> list[str]:
    """The line, as much of it as a terminal shows, and carets under the word at the column."""
    line = line.rstrip("\r")
    if not line.strip():
        return []
    column = min(problem.where.column - 1, len(line))
    word = _WORD.match(line, column)
    length = len(word[0]) if word else 1
    start = max(0, column - _WIDTH // 2) if len(line) > _WIDTH else 0
    shown = line[start : start + _WIDTH]
    before = _CONTROL.sub(" ", shown[: column - start])
    under = _CONTROL.sub(" ", line[column : min(column + length, start + _WIDTH)]) or " "
    number = str(problem.where.line)
    carets = typer.style("^" * max(1, _cells(under)), fg=_COLOURS[problem.severity], bold=True)
    return [f"{number:>5} | {_CONTROL.sub(' ', shown)}", f"      | {' ' * _cells(before)}{carets}"]


def _cells(text: str) -> int:
    """How many columns of a terminal a text takes: two for each wide character."""
    return sum(
        2 if unicodedata.east_asian_width(each) in "WF" else 0 if unicodedata.combining(each) else 1 for each in text
    )
