"""What was measured, put together: medians, spread, ratios, and tables of them."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.measure import Figures


@dataclass(frozen=True)
class Summary:
    """The rounds of one contestant. rate: inputs a second, cpu: microseconds for each, both as the median and the extremes."""

    name: str
    rate: float
    slowest: float
    fastest: float
    cpu: float
    memory: float
    complete: bool

    @classmethod
    def of(cls, name: str, rounds: Sequence[Figures]) -> Summary:
        rates = [each.rate for each in rounds]
        return cls(
            name,
            statistics.median(rates),
            min(rates),
            max(rates),
            statistics.median(each.cpu for each in rounds),
            max(each.memory for each in rounds),
            all(each.complete for each in rounds),
        )


@dataclass(frozen=True)
class Ratio:
    """Of two figures that were taken side by side, round by round: the median, and the extremes. Not a number where there is nothing to
    divide by."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, these: Sequence[float], those: Sequence[float]) -> Ratio:
        ratios = [this / that if that else math.nan for this, that in zip(these, those, strict=True)]
        return cls(statistics.median(ratios), min(ratios), max(ratios))

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.least:.2f} to {self.most:.2f})"


def table(head: str, rows: Sequence[Sequence[object]]) -> str:
    """In Markdown. head: the titles, parted by `|`; one that ends with a colon is of numbers."""
    titles = [title.strip() for title in head.split("|")]
    lines = [
        f"| {' | '.join(title.removesuffix(':') for title in titles)} |",
        f"|{'|'.join('---:' if title.endswith(':') else '---' for title in titles)}|",
    ]
    return "\n".join([*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows)])


def contest_table(summaries: Sequence[Summary], first: str) -> str:
    """Ratios are to `first`, whose row is the yardstick."""
    yardstick = next(each for each in summaries if each.name == first)
    return table(
        "contestant | events/s: | slowest to fastest round | to the first: | CPU per event: | to the first: | memory: | complete",
        [
            (
                each.name,
                f"{each.rate:,.0f}",
                f"{each.slowest:,.0f} to {each.fastest:,.0f}",
                f"{each.rate / yardstick.rate:.2f}",
                f"{each.cpu:.0f} us",
                f"{each.cpu / yardstick.cpu:.2f}" if yardstick.cpu else "",
                f"{each.memory:.0f} MB",
                "yes" if each.complete else "NO",
            )
            for each in summaries
        ],
    )


def quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
