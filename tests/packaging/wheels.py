"""Both wheels, built as a release builds them, and environments that have nothing of ours but what was installed from them.

What they need of others comes from this environment, which the lock file has filled: each package is linked, file by file as its
record says, and only those that our own metadata asks for. What is not declared is not there.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import Distribution, distribution
from pathlib import Path
from zipfile import ZipFile

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
SITE = Path(sysconfig.get_path("purelib"))


def build(folder: Path, source: str) -> Path:
    """The wheel of `runtime` or `codegen`."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT / source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob(f"{'streamworker' if source == 'runtime' else 'streamworker_codegen'}-*.whl")
    return wheel


class Environment:
    """A virtual environment with `wheels` of ours installed, each with the extras that are named."""

    def __init__(self, folder: Path, wheels: Iterable[tuple[Path, Sequence[str]]]) -> None:
        self.folder = folder
        self.bin = folder / "bin"
        venv.create(folder, symlinks=True)
        ours = list(wheels)
        for name in sorted(set(_needed(ours))):
            self._link(distribution(name))
        for wheel, _ in ours:
            self._install(wheel)

    def run(self, command: str, *arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment, as in a shell where nothing else is set."""
        return subprocess.run(
            [str(self.bin / command), *arguments],
            cwd=cwd,
            env=self.variables(**variables),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def variables(self, **more: str) -> dict[str, str]:
        return {"PATH": f"{self.bin}{os.pathsep}{os.defpath}", "HOME": str(self.folder), **more}

    def _install(self, wheel: Path) -> None:
        command = [sys.executable, "-m", "pip", "--python", str(self.bin / "python"), "--disable-pip-version-check"]
        command += ["install", "--quiet", "--no-index", "--no-deps", "--no-compile", str(wheel)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def _link(self, package: Distribution) -> None:
        (site,) = self.folder.glob("lib/python*/site-packages")
        for top in {Path(file).parts[0] for file in package.files or ()} - {"..", "__pycache__"}:
            if (SITE / top).exists() and not (site / top).exists():
                (site / top).symlink_to(SITE / top)
        for script in (Path(file) for file in package.files or () if Path(file).parts[0] == ".."):
            found = (SITE / script).resolve()
            if found.parent == Path(sysconfig.get_path("scripts")).resolve():
                self._copy_script(found)

    def _copy_script(self, script: Path) -> None:
        """A program, whose first line names this environment's Python where it is one of Python's."""
        target, data = self.bin / script.name, script.read_bytes()
        if data.startswith(b"#!") and b"python" in data.partition(b"\n")[0]:
            target.write_bytes(f"#!{self.bin / 'python'}\n".encode() + data.partition(b"\n")[2])
            target.chmod(0o755)
        else:
            target.symlink_to(script)


def _needed(wheels: Sequence[tuple[Path, Sequence[str]]]) -> Iterator[str]:
    """The names of all packages that wheels need, and those that these need."""
    seen: set[str] = set()
    waiting = [need for wheel, extras in wheels for need in _wanted(_requirements(wheel), extras)]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            yield name
            waiting += _wanted([Requirement(need) for need in distribution(name).requires or ()], ())


def _wanted(requirements: Iterable[Requirement], extras: Sequence[str]) -> Iterator[str]:
    for need in requirements:
        if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield canonicalize_name(need.name)


def _requirements(wheel: Path) -> list[Requirement]:
    return [
        Requirement(line.removeprefix("Requires-Dist: "))
        for line in metadata(wheel)
        if line.startswith("Requires-Dist")
    ]


def metadata(wheel: Path) -> list[str]:
    """The lines of a wheel's METADATA."""
    with ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return archive.read(name).decode().splitlines()


def names(wheel: Path) -> list[str]:
    """What a wheel holds."""
    with ZipFile(wheel) as archive:
        return archive.namelist()
