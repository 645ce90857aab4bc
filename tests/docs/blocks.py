"""The fenced blocks of a page, and what each is for.

A block is a file where the line before it ends with its name in backquotes and a colon. `console` blocks hold commands, each after a
`$ `, and what they print; `diff` blocks change a file. `text` and `mermaid` blocks are for people alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
FILES = ("json", "python", "yaml")
FOR_PEOPLE = ("mermaid", "text")
LANGUAGES = (*FILES, *FOR_PEOPLE, "console", "diff")


@dataclass(frozen=True)
class Block:
    """line: where its fence stands. file: the file that the text before it names; empty where it names none."""

    page: Path
    line: int
    language: str
    file: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line} ({self.language})"


@dataclass(frozen=True)
class Command:
    """A command of a console block, and the lines that it prints."""

    line: str
    prints: Sequence[str]


def blocks(page: Path) -> list[Block]:
    """All fenced blocks, in order."""
    return list(_blocks(page, page.read_text().splitlines()))


def commands(block: Block) -> list[Command]:
    """The commands of a console block. Text before the first is an error."""
    found: list[tuple[str, list[str]]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append((line.removeprefix("$ "), []))
        else:
            assert found, f"{block} begins with what no command has printed"
            found[-1][1].append(line)
    return [Command(line, prints) for line, prints in found]


def _blocks(page: Path, lines: Sequence[str]) -> Iterator[Block]:
    start = None
    for number, line in enumerate(lines):
        if not line.startswith("```"):
            continue
        if start is None:
            start = number
        else:
            before = next((it for it in reversed(lines[:start]) if it.strip()), "")
            yield Block(page, start + 1, lines[start][3:].strip(), _named(before), "\n".join(lines[start + 1 : number]))
            start = None
    assert start is None, f"{page}:{start}: a block without an end"


def _named(before: str) -> str:
    found = re.search(r"`([\w./-]+\.\w+)`[^`]*:$", before)
    return found[1] if found else ""
