"""Draws results.json: throughput, scaling, sizes and course, each as SVG and PNG. Run by the environment of the benchmarks, which has
matplotlib."""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

OURS, OTHERS = "#0b6e4f", "#9aa5b1"


def main(folder: Path) -> None:
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    for name, draw in (("contest", _throughput), ("scaling", _scaling), ("sizes", _sizes), ("course", _course)):
        if results[name]:
            figure = draw(results)
            figure.tight_layout()
            for kind in ("svg", "png"):
                metadata = {"Date": None} if kind == "svg" else None
                figure.savefig(
                    folder / f"{'throughput' if name == 'contest' else name}.{kind}", dpi=130, metadata=metadata
                )


def _throughput(results: dict[str, Any]) -> Figure:
    rows = [row for shape in results["contest"].values() for row in shape if "killed" not in row["name"]][::-1]
    names, rates = [row["name"] for row in rows], [row["rate"] for row in rows]
    errors = [[row["rate"] - row["slowest"] for row in rows], [row["fastest"] - row["rate"] for row in rows]]
    figure, axes = plt.subplots(figsize=(9, 0.45 * len(rows) + 1.2))
    colours = [OURS if name.startswith("streamworker") else OTHERS for name in names]
    axes.barh(names, rates, color=colours, xerr=errors, error_kw={"ecolor": "#444", "capsize": 3})
    for place, rate in enumerate(rates):
        axes.text(max(rates) * 0.005, place, f"{rate:,.0f}", va="center", color="black", fontsize=8)
    axes.set_xlabel("events a second, one process (bars: median; lines: slowest to fastest round)")
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _scaling(results: dict[str, Any]) -> Figure:
    processes = [row["processes"] for row in results["scaling"]]
    figure, axes = plt.subplots(figsize=(7, 4))
    axes.plot(processes, [row["rate"] for row in results["scaling"]], "o-", color=OURS, label="measured")
    axes.plot(processes, results["model"], "--", color=OTHERS, label="by the model")
    axes.set(xlabel="processes on one durable", ylabel="events a second", xticks=processes)
    axes.set_ylim(bottom=0)
    axes.legend()
    return figure


def _sizes(results: dict[str, Any]) -> Figure:
    sizes = [int(size) for size in results["sizes"]]
    figure, axes = plt.subplots(figsize=(7, 4))
    for at, (label, colour) in enumerate((("bare loop", OTHERS), ("streamworker", OURS))):
        rates = [pair[at]["rate"] for pair in results["sizes"].values()]
        axes.loglog(sizes, rates, "o-", color=colour, label=label)
    axes.set(xlabel="bytes of an event", ylabel="events a second")
    axes.legend()
    return figure


def _course(results: dict[str, Any]) -> Figure:
    course = results["course"]
    figure, (above, below) = plt.subplots(2, 1, figsize=(8, 6), sharex=True)
    for name, run, colour in (("bare loop", results["bare_course"], OTHERS), ("streamworker", course, OURS)):
        pairs = list(zip(run["seconds"], run["outputs"], strict=True))
        rates = [(late[1] - early[1]) / (late[0] - early[0]) for early, late in pairwise(pairs)]
        above.plot(run["outputs"][1:], rates, color=colour, label=name)
    above.set(ylabel="events a second")
    above.set_ylim(bottom=0)
    above.legend()
    below.plot(course["outputs"], course["memory"], color=OURS, label="worker")
    below.plot(course["outputs"], course["server_memory"], color=OTHERS, label="server, with the ids that it keeps")
    below.set(xlabel="events so far", ylabel="memory, MB")
    below.set_ylim(bottom=0)
    below.legend()
    return figure


main(Path(sys.argv[1]))
