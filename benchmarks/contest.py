"""Who takes part: ours as it ships, its peers as their documentation shows them, and the bare loop."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from benchmarks.measure import Contestant

HERE = Path(__file__).parent
OURS = Path(sys.executable).with_name("streamworker")
PEERS = HERE.parent / ".venv-bench" / "bin" / "python"
SHAPES = ("plain", "instance", "gathered", "blocking", "spread")


def ours(shape: str, *, root: Path = HERE.parent, name: str = "streamworker") -> Contestant:
    """A worker of the benchmark's project, run with the command that users have and nothing set. root: a checkout to take it from."""
    return Contestant(
        f"{name}, {shape}",
        [str(OURS), "run", shape],
        environment={"PYTHONPATH": str(root / "runtime")},
        folder=root / "benchmarks" / "project",
        fan_out=_outputs(shape),
    )


def together(*shapes: str) -> Contestant:
    """Several workers in one process, each with a durable of its own."""
    fan_out = sum(map(_outputs, shapes))
    return replace(ours(shapes[0]), name="together", command=[str(OURS), "run", *shapes], fan_out=fan_out)


def bare(shape: str) -> Contestant:
    """The bare loop of the same shape."""
    script = HERE / "contestants" / "bare_loop.py"
    return Contestant(f"bare loop, {shape}", [sys.executable, str(script), shape], folder=HERE, fan_out=_outputs(shape))


def faststream() -> Contestant:
    return Contestant("FastStream", [str(PEERS), str(HERE / "contestants" / "faststream_app.py")], folder=HERE)


def natsjs() -> Contestant | None:
    """None where there is no Node."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    folder = HERE / "contestants"
    subprocess.run([npm, "ci", "--silent", "--no-audit", "--no-fund"], cwd=folder, check=True)
    return Contestant("nats.js", [node, "natsjs.mjs"], folder=folder)


def _outputs(shape: str) -> int:
    return 5 if shape == "spread" else 1
