"""What an event costs, measured in a process that imports the project's generated package."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from streamworker_codegen.documents import Json
from streamworker_codegen.project import Project

_SCRIPT: Final = Path(__file__).with_name("measure.py")
_LONGEST: Final = 60.0  # seconds


@dataclass(frozen=True)
class Cost:
    """Microseconds. sample: which of them was taken. size: its bytes. encode: of an event as it came; encode_made: of one made in code."""

    sample: int
    size: int
    decode: float
    encode: float
    encode_made: float
    loading: float


@dataclass(frozen=True)
class NotMeasured:
    why: str


def measure(project: Project, event: str, samples: Sequence[Json]) -> Cost | NotMeasured:
    """On the first of the samples that the contract accepts."""
    module = f"{project.package}.generated.subjects" if project.package else "generated.subjects"
    command = [sys.executable, str(_SCRIPT), module, event]
    try:
        run = subprocess.run(
            command,
            cwd=project.import_root,
            input=json.dumps(samples),
            capture_output=True,
            text=True,
            check=False,
            timeout=_LONGEST,
        )
    except subprocess.TimeoutExpired:
        return NotMeasured(f"it took longer than {_LONGEST:g} s")
    if run.returncode:
        last = (run.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return NotMeasured(f"generated/ can't be used ({last}); run `streamworker generate` first")
    found = json.loads(run.stdout)
    if "refused" in found:
        return NotMeasured(f"no sample is valid ({found['refused']}); give one with --sample FILE")
    return Cost(
        found["sample"], found["bytes"], *(found[name] / 1e3 for name in ("decode", "encode", "encode_made", "import"))
    )
