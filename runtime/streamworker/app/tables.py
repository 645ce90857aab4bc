"""Figures as tables, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from streamworker.app.figures import Condition, Figures, IngestFigures, Part, WorkerFigures
from streamworker.app.plain_text import shown

_SIGNS: Final[Mapping[Condition, tuple[str, str]]] = {
    "starting": ("·", "dim"),
    "working": ("●", "green"),
    "idle": ("○", "green"),
    "standing by": ("◇", "dim"),
    "waiting": ("◌", "yellow"),
    "stuck": ("▲", "red"),
    "stopping": ("◑", "dim"),
    "stopped": ("■", "dim"),
    "failed": ("✖", "red"),
}

# Columns with their least widths, so that they stand still while figures grow. All of them fit into 80.
_WORKER_COLUMNS: Final = {
    "worker": 16,
    "in": 6,
    "out": 6,
    "retried": 7,
    "ignored": 7,
    "dead": 4,
    "backlog": 7,
    "rate": 7,
    "p99": 5,
}
_INGEST_COLUMNS: Final = {"ingest": 16, "in": 6, "published": 9, "refused": 7, "dropped": 7, "held": 5, "rate": 7}


def tables(figures: Figures, rates: Mapping[str, float]) -> RenderableType:
    """Ingests, workers, and below them what is not well."""
    shown: list[RenderableType] = []
    if figures.ingests:
        shown += ["", _table(_INGEST_COLUMNS, [_ingest(each, rates) for each in figures.ingests])]
    if figures.workers:
        shown += ["", _table(_WORKER_COLUMNS, [_worker(each, rates) for each in figures.workers])]
    if remarks := _remarks(figures):
        shown += ["", *remarks]
    return Group(*shown)


def count(number: int) -> str:
    """A number in at most seven characters, so that a worker's row fits into 80."""
    return f"{number:,}" if number < 1_000_000 else f"{number / 1e6:,.4g}M"


def seconds(duration: float | None) -> str:
    """A duration as one reads it: 420µs, 42ms, 4.2s."""
    if duration is None:
        return "–"
    if duration >= 1:
        return f"{duration:.1f}s"
    return f"{duration * 1e3:.0f}ms" if duration >= 1e-3 else f"{duration * 1e6:.0f}µs"


def rate(number: float | None) -> str:
    if number is None:
        return "–"
    return f"{number:,.0f}/s" if number >= 10 or number == 0 else f"{number:.1f}/s"


def _table(columns: Mapping[str, int], rows: Sequence[Sequence[Text | str]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=0, header_style="bold")
    for number, (column, width) in enumerate(columns.items()):
        table.add_column(column, min_width=width, no_wrap=True, justify="right" if number else "left")
    for row in rows:
        table.add_row(*row)
    return table


def _worker(worker: WorkerFigures, rates: Mapping[str, float]) -> Sequence[Text | str]:
    return (
        _name(worker),
        count(worker.received),
        count(worker.published),
        _notable(worker.retried, "yellow"),
        _notable(worker.ignored, "dim"),
        _notable(worker.dead_lettered, "red"),
        "–" if worker.backlog is None else count(worker.backlog),
        rate(rates.get(worker.name)),
        seconds(worker.p99),
    )


def _ingest(ingest: IngestFigures, rates: Mapping[str, float]) -> Sequence[Text | str]:
    return (
        _name(ingest),
        count(ingest.received),
        count(ingest.published),
        _notable(ingest.refused, "red"),
        _notable(ingest.dropped, "dim"),
        count(ingest.held),
        rate(rates.get(ingest.name)),
    )


def _name(part: Part) -> Text:
    sign, style = _SIGNS[part.state.condition]
    return Text.assemble((sign, style), " ", part.name)


def _notable(number: int, style: str) -> Text:
    return Text(count(number), style=style if number else "dim")


def _remarks(figures: Figures) -> list[Text]:
    remarks = [Text(f"◌ {shown(figures.waiting)}", style="yellow")] if figures.waiting else []
    for part in figures.parts:
        if part.state.detail:
            sign, style = _SIGNS[part.state.condition]
            remarks.append(Text(f"{sign} {part.name} {shown(str(part.state))}", style=style))
    return remarks
