"""What `make conformance` prints: a table, what is excluded by name, and what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeAlias

from tests.conformance.deciding import Decision
from tests.conformance.projects import Batch

Column: TypeAlias = tuple[str, Callable[[Sequence[Decision]], int]]
FORMATS: Final = "The suite's required format.json has formats say nothing of a value. Here they are asserted, as optional/format has it."


def excluded(decision: Decision) -> bool:
    """Whether the suite and the promise differ on purpose."""
    return decision.event.group.file == "format" and decision.wrong == "refused"


def table(decisions: Sequence[Decision]) -> Iterator[str]:
    rows = sorted({(each.event.group.draft, each.event.use) for each in decisions})
    names = ["", *(name for name, _ in _COLUMNS)]
    yield " | ".join(name.rjust(max(len(name), 5)) if name else " " * 26 for name in names)
    for draft, use in rows:
        own = [each for each in decisions if (each.event.group.draft, each.event.use) == (draft, use)]
        yield _row(f"{draft}, {use}", own)
    yield _row("all", decisions)


def faults(decisions: Iterable[Decision], batches: Iterable[Batch]) -> Iterator[str]:
    for batch in batches:
        yield from (f"does not compile: {name}: {why}" for name, why in batch.refused.items())
    for each in decisions:
        if each.wrong and not excluded(each):
            yield f"{each.wrong}: {each.name}: {each.detail}"


def _row(name: str, decisions: Sequence[Decision]) -> str:
    counts = [str(count(decisions)).rjust(max(len(title), 5)) for title, count in _COLUMNS]
    return " | ".join([name.ljust(26), *counts])


def _right(decisions: Sequence[Decision]) -> list[Decision]:
    return [each for each in decisions if not each.wrong]


_COLUMNS: Final[Sequence[Column]] = (
    ("cases", len),
    ("excluded", lambda all_: sum(map(excluded, all_))),
    ("right", lambda all_: len(_right(all_))),
    ("accepted by the model alone", lambda all_: sum(each.by_model for each in _right(all_))),
    ("by the schema", lambda all_: sum(each.case.valid and not each.by_model for each in _right(all_))),
    ("refused", lambda all_: sum(not each.case.valid for each in _right(all_))),
    ("came back, untouched and rebuilt", lambda all_: sum(each.case.valid for each in _right(all_))),
)
