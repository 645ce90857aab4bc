"""What `make public-sets` prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from tests.public_sets.trial import Outcome

_COLUMNS: Final = ("files", "events", "classes", "sound", "generate", "import", "examples", "right", "refused")


def table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield ""
    yield _row("", _COLUMNS)
    yield from (_row(each.name, _cells(each)) for each in outcomes)


def details(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for each in outcomes:
        if each.left_out:
            yield f"\n{each.name}: files that can't be taken:"
            yield from (f"  {path}: {why}" for path, why in each.left_out.items())
    for each in outcomes:
        if each.refused:
            yield f"\n{each.name}: examples that their own schema refuses:"
            yield from (f"  {text}" for text in each.refused)
    for each in outcomes:
        if each.wrong:
            yield f"\n{each.name}: wrong:"
            yield from (f"  {text}" for text in each.wrong)
    if not any(each.wrong for each in outcomes):
        yield "\nNothing is wrong; mypy --strict and pyright (strict) have nothing to say of any of it."


def _cells(outcome: Outcome) -> Sequence[str]:
    counts = (outcome.files, outcome.events, outcome.classes, outcome.sound)
    times = (f"{outcome.compiling:.1f} s", f"{outcome.importing:.2f} s")
    return (*map(str, counts), *times, *map(str, (outcome.examples, outcome.right, len(outcome.refused))))


def _row(name: str, cells: Sequence[str]) -> str:
    return " | ".join([name.ljust(18), *(cell.rjust(8) for cell in cells)])
