"""Draws what `python -m tests.faults.memory` saw, as SVG and PNG beside it. Run by the environment of the benchmarks, which has matplotlib."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

OURS = "#0b6e4f"


def main(file: Path) -> None:
    seen = json.loads(file.read_text(encoding="utf-8"))
    figure, (passing, dead) = plt.subplots(1, 2, figsize=(9, 3.2), sharey=True)
    passing.plot(seen["passing"]["outputs"], seen["passing"]["memory"], color=OURS)
    passing.set(xlabel=f"events so far, with {seen['faults']} faults of the network", ylabel="memory of the worker, MB")
    dead.plot([seconds / 60 for seconds in seen["dead"]["seconds"]], seen["dead"]["memory"], color=OURS)
    dead.set(xlabel="minutes with a dead server")
    passing.set_ylim(bottom=0)
    for axes in (passing, dead):
        axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(file.with_suffix(".svg"), metadata={"Date": None})
    figure.savefig(file.with_suffix(".png"), dpi=130)


main(Path(sys.argv[1]))
