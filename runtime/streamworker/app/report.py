"""The report at the end: what was done, in figures that add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from streamworker.app.figures import Figures, IngestFigures, Part, WorkerFigures


@dataclass(frozen=True, kw_only=True)
class Report:
    """figures: as they were when everything had ended. ended: why it ended. seconds: how long it ran."""

    pipeline: str
    figures: Figures
    ended: str
    seconds: float

    def lines(self) -> list[str]:
        """A headline, a line for each part, and what is wrong."""
        width = max((len(part.name) for part in self.figures.parts), default=0)
        parts = [f"  {part.name:{width}}  {_books(part)}" for part in self.figures.parts]
        return [f"{self.pipeline} ran for {_duration(self.seconds)}: {self.ended}", *parts, *_remarks(self.figures)]


def _books(part: Part) -> str:
    return _ingest_books(part) if isinstance(part, IngestFigures) else _worker_books(part)


def _ingest_books(ingest: IngestFigures) -> str:
    fates = {
        "published": ingest.published,
        "refused": ingest.refused,
        "dropped": ingest.dropped,
        "unpublished": ingest.held,
    }
    return f"{ingest.received:,} in = {_sum(fates)}"


def _worker_books(worker: WorkerFigures) -> str:
    ignored = f" ({worker.ignored:,} ignored)" if worker.ignored else ""
    duplicates = f" ({worker.duplicates:,} duplicates)" if worker.duplicates else ""
    fates = {
        f"acked{ignored}": worker.acked,
        "retried": worker.retried,
        "dead-lettered": worker.dead_lettered,
        "given back": worker.given_back,
        "abandoned": worker.abandoned,
        "unsettled": worker.held,
    }
    return f"{worker.received:,} in = {_sum(fates)}; {worker.published:,} published{duplicates}"


def _sum(parts: Mapping[str, int]) -> str:
    """The parts of a sum that are not zero; the first in any case."""
    first = next(iter(parts))
    return " + ".join(f"{number:,} {name}" for name, number in parts.items() if number or name == first)


def _remarks(figures: Figures) -> list[str]:
    failed = [f"{part.name} {part.state}" for part in figures.parts if part.state.condition == "failed"]
    wrong = [
        f"{part.name}: {part.unaccounted:,} of {part.received:,} are not accounted for: a fault of streamworker, please report it"
        for part in figures.parts
        if part.unaccounted
    ]
    return failed + wrong


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
