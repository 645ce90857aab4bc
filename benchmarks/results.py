"""All that one `make bench` has measured, as JSON for the plots and as Markdown for people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.figures import Summary, contest_table, quantile, table
from benchmarks.growth import Course
from benchmarks.scaling import Model, Scaled

IDEAL = Summary("ideal, waiting", 10_000, 10_000, 10_000, 0, 0, complete=True)
"""A thousand handlers at once that each await 100 ms."""
KILLED = (
    "The rate of the run with a SIGKILL is that of the whole run. What the killed process held comes back at once; what the server had sent "
    "and it had not read comes again after `ack_wait`, 30 s. Nothing is missing, and nothing stands twice."
)


@dataclass
class Results:
    """about: the circumstances. contest: the contestants by shape. latencies, starts: by contestant, in milliseconds and seconds. shares: see
    `scaling.shares`. sizes: by the bytes of an event, the bare loop and ours. refused: ours without and with one event of a hundred that
    its schema refuses. kinds: ours on events of other kinds. bare_course: the bare loop's, on the same backlog."""

    about: Mapping[str, object]
    contest: Mapping[str, Sequence[Summary]] = field(default_factory=dict)
    latencies: Mapping[str, Sequence[float]] = field(default_factory=dict)
    scaling: Sequence[Scaled] = ()
    shares: Mapping[str, float] = field(default_factory=dict)
    sizes: Mapping[int, Sequence[Summary]] = field(default_factory=dict)
    refused: Sequence[Summary] = ()
    kinds: Sequence[Summary] = ()
    course: Course | None = None
    bare_course: Course | None = None
    starts: Mapping[str, Sequence[float]] = field(default_factory=dict)

    def save(self, folder: Path) -> None:
        """`results.json` and `results.md`."""
        folder.mkdir(parents=True, exist_ok=True)
        kept = {
            **asdict(self),
            "latencies": {
                name: {"p50": quantile(each, 0.5), "p99": quantile(each, 0.99)} for name, each in self.latencies.items()
            },
            "model": [Model.of(self.scaling).rate(each.processes) for each in self.scaling] if self.scaling else [],
        }
        (folder / "results.json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        (folder / "results.md").write_text("\n".join(self.lines()), encoding="utf-8")

    def lines(self) -> Iterator[str]:
        yield from (f"- {name}: {value}" for name, value in self.about.items())
        for shape, summaries in self.contest.items():
            yield from ("", f"## {shape}", "", contest_table(summaries, summaries[0].name))
            if any("killed" in each.name for each in summaries):
                yield from ("", KILLED)
        for part in (
            self._latencies,
            self._scaling,
            self._shares,
            self._sizes,
            self._refused,
            self._kinds,
            self._course,
            self._starts,
        ):
            yield from part()
        yield ""

    def _latencies(self) -> Iterator[str]:
        if self.latencies:
            yield from ("", "## A lone event, from the storage of the input to the storage of its output", "")
            rows = [
                (name, f"{quantile(each, 0.5):.2f} ms", f"{quantile(each, 0.99):.2f} ms")
                for name, each in self.latencies.items()
            ]
            yield table("contestant | p50: | p99:", rows)

    def _scaling(self) -> Iterator[str]:
        if not self.scaling:
            return
        model = Model.of(self.scaling)
        yield from ("", "## Processes on one durable", "")
        rows = [
            (
                each.processes,
                f"{each.rate:,.0f}",
                f"{model.rate(each.processes):,.0f}",
                f"{each.worker_cpu:.0f} us",
                f"{each.server_cpu:.0f} us",
                "yes" if each.complete else "NO",
            )
            for each in self.scaling
        ]
        head = "processes: | events/s: | by the model: | workers' CPU per event: | server's CPU per event: | complete"
        yield table(head, rows)
        yield from (
            "",
            f"The model: a worker takes {model.worker_cpu:.0f} us of one core for an event, the server {model.server_cpu:.0f} us of any; together "
            f"they have the {model.cores} cores of this machine, and that is the limit here. It assumes that neither figure grows with the number "
            f"of workers, that events are independent, and that the network is no limit. For a thousand workers on machines of their own, "
            f"it says that the server is the limit: {model.ceiling(4):,.0f} events a second with 4 cores for itself ({model.workers(4)} busy "
            f"workers reach that), {model.ceiling(16):,.0f} with 16 ({model.workers(16)}); the others of the thousand stand by, and share "
            "the same sum.",
        )

    def _shares(self) -> Iterator[str]:
        if self.shares:
            yield from ("", "## Several workers in one process, when the first has settled half of its events", "")
            yield table("worker | settled:", [(name, f"{share:.0%}") for name, share in self.shares.items()])

    def _sizes(self) -> Iterator[str]:
        if self.sizes:
            yield from ("", "## Size of an event", "")
            rows = [
                (
                    f"{size:,}",
                    f"{ours.rate:,.0f}",
                    f"{ours.rate * size / 1e6:,.0f} MB/s",
                    f"{ours.cpu:,.0f} us",
                    f"{ours.rate / bare.rate:.2f}",
                    f"{ours.cpu / bare.cpu:.2f}" if bare.cpu else "",
                    f"{ours.memory:.0f} MB",
                    "yes" if ours.complete else "NO",
                )
                for size, (bare, ours) in self.sizes.items()
            ]
            yield table(
                "bytes: | events/s: | throughput: | CPU per event: | rate to the bare loop's: | CPU to the bare loop's: | memory: | complete",
                rows,
            )

    def _refused(self) -> Iterator[str]:
        if self.refused:
            yield from (
                "",
                "## One event of a hundred is a dead letter",
                "",
                contest_table(self.refused, self.refused[0].name),
            )

    def _kinds(self) -> Iterator[str]:
        if self.kinds:
            yield from ("", "## Kinds of events", "", contest_table(self.kinds, self.kinds[0].name))

    def _course(self) -> Iterator[str]:
        if self.course is None:
            return
        run, beside = self.course, self.bare_course
        yield from ("", f"## A backlog of {run.events:,}", "")
        rows = [
            (
                f"{share:.0%}",
                f"{run.rate(share - 0.25, share):,.0f}",
                f"{run.rate(share - 0.25, share) / beside.rate(share - 0.25, share):.2f}" if beside else "",
                *(f"{at(each, share):.0f} MB" for each in (run.memory, run.server_memory)),
            )
            for share in (0.25, 0.5, 0.75, 1.0)
        ]
        yield table(
            "of the run | events/s, of that quarter: | to the bare loop's: | worker's memory: | server's memory:", rows
        )
        grown = (run.server_memory[-1] - run.server_memory[0]) * 2**20 / run.events
        yield from (
            "",
            f"{'Complete' if run.complete else 'NOT COMPLETE'}. The server's memory grows by {grown:.0f} bytes an event: it keeps the id of each "
            "output for the whole duplicate window, and no longer than that.",
        )

    def _starts(self) -> Iterator[str]:
        if self.starts:
            yield from ("", "## From the start of a process to its first settled event", "")
            rows = [
                (name, f"{quantile(each, 0.5):.2f} s", f"{min(each):.2f} to {max(each):.2f} s")
                for name, each in self.starts.items()
            ]
            yield table("contestant | median: | spread", rows)


def at(values: Sequence[float], share: float) -> float:
    """What stands at that share of a series."""
    return values[min(len(values) - 1, int(share * len(values)))]
