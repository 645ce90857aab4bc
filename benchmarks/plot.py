"""Draws results.json as throughput.svg and throughput.png. Run by the environment of the benchmarks, which has matplotlib."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

OURS, OTHERS = "#0b6e4f", "#9aa5b1"


def main(folder: Path) -> None:
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    rows = [row for row in results["throughput"] if not row["name"].endswith("killed")]
    names = [row["name"] for row in rows][::-1]
    rates = [row["rate"] for row in rows][::-1]
    errors = [[row["rate"] - row["slowest"], row["fastest"] - row["rate"]] for row in rows][::-1]
    figure, axes = plt.subplots(figsize=(9, 0.45 * len(rows) + 1.2))
    colours = [OURS if name.startswith("streamworker") else OTHERS for name in names]
    axes.barh(
        names, rates, color=colours, xerr=list(zip(*errors, strict=True)), error_kw={"ecolor": "#444", "capsize": 3}
    )
    for place, rate in enumerate(rates):
        axes.text(rate * 0.02, place, f"{rate:,.0f}", va="center", color="white", fontsize=9)
    axes.set_xlabel("events a second, one process (bars: median; lines: slowest to fastest round)")
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    for kind in ("svg", "png"):
        figure.savefig(folder / f"throughput.{kind}", dpi=130, metadata={"Date": None} if kind == "svg" else None)


main(Path(sys.argv[1]))
