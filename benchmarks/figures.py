"""What was measured, put together: medians, spread, ratios; as JSON, as a table, and as plots."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

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


def table(summaries: Sequence[Summary], first: str) -> str:
    """A Markdown table; ratios are to `first`, whose row is the yardstick."""
    yardstick = next(each for each in summaries if each.name == first)
    lines = [
        "| contestant | events/s | slowest to fastest round | to the first | CPU per event | to the first | memory | complete |",
        "|---|---:|---|---:|---:|---:|---:|---|",
    ]
    lines += [
        f"| {each.name} | {each.rate:,.0f} | {each.slowest:,.0f} to {each.fastest:,.0f} | {each.rate / yardstick.rate:.2f} "
        f"| {each.cpu:.0f} us | {each.cpu / yardstick.cpu:.2f} | {each.memory:.0f} MB | {'yes' if each.complete else 'NO'} |"
        for each in summaries
    ]
    return "\n".join(lines)


def quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def latency_table(latencies: Mapping[str, Sequence[float]]) -> str:
    lines = ["| contestant | p50 | p99 |", "|---|---:|---:|"]
    lines += [
        f"| {name} | {quantile(each, 0.5):.2f} ms | {quantile(each, 0.99):.2f} ms |" for name, each in latencies.items()
    ]
    return "\n".join(lines)


def save(
    folder: Path, about: Mapping[str, object], summaries: Sequence[Summary], latencies: Mapping[str, Sequence[float]]
) -> None:
    """`results.json`, `results.md`, `throughput.svg` and `throughput.png`."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {
        "about": dict(about),
        "throughput": [asdict(each) for each in summaries],
        "latency_ms": {
            name: {"p50": quantile(each, 0.5), "p99": quantile(each, 0.99)} for name, each in latencies.items()
        },
    }
    (folder / "results.json").write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    about_lines = [f"- {name}: {value}" for name, value in about.items()]
    shapes = [each for each in summaries if not each.name.endswith((", plain", "FastStream", "nats.js", "killed"))]
    plain = [each for each in summaries if each not in shapes]
    text = [*about_lines, "", table(plain, "bare loop, plain"), ""]
    for shape in dict.fromkeys(each.name.partition(", ")[2] for each in shapes):
        text += [table([each for each in shapes if each.name.endswith(shape)], f"bare loop, {shape}"), ""]
    if latencies:
        text += [
            "A lone event, from the storage of the input to the storage of its output:",
            "",
            latency_table(latencies),
            "",
        ]
    (folder / "results.md").write_text("\n".join(text), encoding="utf-8")
