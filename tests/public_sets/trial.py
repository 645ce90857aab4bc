"""One set through the compiler as a user has it, the type checkers, Python's import, and its own examples."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Final, TypeAlias

from streamworker.errors import ContractViolation
from streamworker.subject import Subject

from tests.conformance.deciding import comes_back
from tests.public_sets.projects import written
from tests.public_sets.sets import Example, Files, PublicSet

Subjects: TypeAlias = Mapping[str, Subject[Any]]

_TOOLS: Final = Path(sys.executable).parent
_PYRIGHT: Final = '{"include": ["generated"], "typeCheckingMode": "strict", "pythonVersion": "3.11"}'
_SHOWN: Final = 15


@dataclass
class Outcome:
    """compiling, importing: seconds, of the command `generate` from nothing, and of the import of all events after the runtime's.
    refused: examples that their schema does not accept, and why. wrong: all else that is not as it has to be."""

    name: str
    files: int
    left_out: Mapping[str, str]
    events: int = 0
    classes: int = 0
    sound: int = 0
    compiling: float = 0.0
    importing: float = 0.0
    examples: int = 0
    right: int = 0
    refused: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def tried(public: PublicSet, files: Files, root: Path) -> Outcome:
    """root: the folder of the project, a package whose name no other one has; it is made anew."""
    schemas = {path: data for path, data in public.schemas(files).items() if path not in public.left_out}
    outcome = Outcome(public.name, len(schemas), public.left_out)
    constants = written(schemas, root)
    outcome.events = len(constants)
    start = time.perf_counter()
    if said := _said_by("streamworker", "generate", "--project", str(root)):
        outcome.wrong.append(f"does not compile:\n{said}")
        return outcome
    outcome.compiling = time.perf_counter() - start
    outcome.classes = _classes(root)
    outcome.wrong += _type_errors(root)
    subjects = _subjects(root, constants, outcome)
    outcome.sound = sum(bool(each.contract and each.contract.sound) for each in subjects.values())
    for example in public.examples(files):
        if example.of in subjects:
            _try(example, subjects[example.of], outcome)
    return outcome


def _said_by(tool: str, *arguments: str) -> str:
    """The last lines of a command that failed; "" where it did not."""
    done = subprocess.run([_TOOLS / tool, *arguments], capture_output=True, text=True, check=False)
    return "\n".join(f"{done.stdout}{done.stderr}".splitlines()[-_SHOWN:]) if done.returncode else ""


def _classes(root: Path) -> int:
    return sum(len(re.findall(r"^class ", each.read_text("utf-8"), re.MULTILINE)) for each in root.rglob("*.py"))


def _type_errors(root: Path) -> list[str]:
    """What mypy --strict and pyright, strict too, have against generated/."""
    settings = root / "pyrightconfig.json"
    settings.write_text(_PYRIGHT)
    mypy = _said_by("mypy", "--strict", "--config-file=", "--no-incremental", str(root / "generated"))
    pyright = _said_by("pyright", "--project", str(settings), "--pythonpath", sys.executable)
    return [f"{tool}:\n{said}" for tool, said in (("mypy", mypy), ("pyright", pyright)) if said]


def _subjects(root: Path, constants: Mapping[str, str], outcome: Outcome) -> Subjects:
    sys.path.insert(0, str(root.parent))
    start = time.perf_counter()
    module: ModuleType = importlib.import_module(f"{root.name}.generated.subjects")
    outcome.importing = time.perf_counter() - start
    return {path: getattr(module, constant) for path, constant in constants.items()}


def _try(example: Example, subject: Subject[Any], outcome: Outcome) -> None:
    outcome.examples += 1
    try:
        event = subject.decode(example.data)
    except ContractViolation as violation:
        if example.valid:
            outcome.refused.append(f"{example.name}: {violation}")
        outcome.right += not example.valid
        return
    wrong, detail = comes_back(subject, event, example.data) if example.valid else ("accepted", "")
    outcome.right += not wrong
    if wrong:
        outcome.wrong.append(f"{wrong}: {example.name} {detail}")
