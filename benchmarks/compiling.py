"""The steps of `make bench-compile`: what is done to a project before each, the command, and how long it takes, seen from outside."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

from benchmarks.schema_set import change, write_project

OURS: Final = Path(sys.executable).with_name("streamworker")
THEIRS: Final = Path(sys.executable).with_name("datamodel-codegen")
FORMATTERS: Final = (
    "builtin",
    "ruff-format",
)  # either can be its fastest; its defaults, black and isort, take twice as long
COLD, UNCHANGED, CHANGED, ALONE = "cold", "no change", "one event changed", "two events alone, cold"


@dataclass(frozen=True)
class Run:
    """One run of a command. wall, cpu: seconds, the processor's with those of the processes that it starts. memory: the peak, in MB."""

    wall: float
    cpu: float
    memory: float


Step: TypeAlias = Callable[[int], Run]
"""Takes the number of the round."""


@dataclass(frozen=True)
class Bench:
    """A project of so many events in `root`; in `lone`, one of two events and a worker, which tells what an event needs by itself."""

    root: Path
    lone: Path
    events: int

    @classmethod
    def make(cls, folder: Path, events: int) -> Bench:
        made = cls(folder / f"{events}", folder / f"{events}-lone", events)
        for root, count in ((made.root, events), (made.lone, 2)):
            root.mkdir()
            write_project(root, count)
        return made

    def steps(self) -> Sequence[tuple[str, Step]]:
        """By name, in the order in which a round takes them: each of ours finds what the one before has left."""
        ours: list[tuple[str, Step]] = [(COLD, self._cold), (UNCHANGED, self._unchanged), (CHANGED, self._changed)]
        theirs = [(theirs_with(each), partial(self._theirs, each)) for each in FORMATTERS]
        return [*ours, (ALONE, self._alone), *theirs]

    def _cold(self, _round: int) -> Run:
        return _from_nothing(self.root, self.events)

    def _alone(self, _round: int) -> Run:
        return _from_nothing(self.lone, 2)

    def _unchanged(self, _round: int) -> Run:
        return _timed([str(OURS), "generate"], self.root, "nothing to do")

    def _changed(self, number: int) -> Run:
        change(self.root, number % self.events)
        return _timed([str(OURS), "generate"], self.root, "changed")

    def _theirs(self, formatter: str, _round: int) -> Run:
        output = self.root / "theirs"
        shutil.rmtree(output, ignore_errors=True)
        run = _timed([str(THEIRS), *theirs_options(formatter)], self.root, "")
        _expect(output, self.events)
        return run


def theirs_with(formatter: str) -> str:
    return f"datamodel-codegen, {formatter}"


def theirs_options(formatter: str) -> list[str]:
    kinds = ["--input-file-type", "jsonschema", "--output-model-type", "pydantic_v2.BaseModel"]
    written = ["--target-python-version", "3.11", "--formatters", formatter]
    return ["--input", "schemas/events", "--output", "theirs", *kinds, *written]


def _from_nothing(root: Path, events: int) -> Run:
    for name in ("generated", "handlers", ".streamworker"):
        shutil.rmtree(root / name, ignore_errors=True)
    run = _timed([str(OURS), "generate"], root, "generated/:")
    _expect(root / "generated" / "events", events)
    return run


def _timed(command: Sequence[str], folder: Path, says: str) -> Run:
    """Raises RuntimeError where the command fails, or does not say so on standard output."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=_environment(folder), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or says not in said:
        raise RuntimeError(f"{' '.join(command)} in {folder}: exit code {process.returncode}, said: {said}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def _environment(folder: Path) -> dict[str, str]:
    """With bytecode kept, as it is where packages are installed; in a place of its own, since ours are run from a working tree here."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(folder.parent / "bytecode")}


def _expect(folder: Path, events: int) -> None:
    """Raises RuntimeError where a command made less than a module for each event."""
    found = sum(1 for path in folder.rglob("*.py") if path.name != "__init__.py")
    if found < events:
        raise RuntimeError(f"{folder} holds {found} modules, and not {events}")
