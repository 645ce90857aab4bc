"""Breaks the code of each promise in docs/guarantees.md and sees the promise's tests fail: `make mutations`.

In a worktree of its own, of the last commit: what is broken here disturbs nobody. Each test has to pass before anything is broken.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_WITHIN = 400.0  # seconds that a test may take
_SHOWN = 150  # characters of an error
_PASSED, _FAILED = 0, 1  # what pytest exits with; all else is a fault of the run


@dataclass(frozen=True, kw_only=True)
class Break:
    """what: is broken, in a phrase. file: below the runtime; it holds `old` once, which becomes `new`. red: tests, below tests/, and a part
    of what each says then, so that it fails for the right reason."""

    what: str
    file: str
    old: str
    new: str
    red: Mapping[str, str]

    def apply(self, runtime: Path) -> str:
        """The file's text, broken. Raises NotProven where there is nothing to break any more."""
        sound = (runtime / self.file).read_text(encoding="utf-8")
        if sound.count(self.old) != 1:
            raise NotProven(
                f"{self.file} holds what is to be broken {sound.count(self.old)} times, not once: {self.old}"
            )
        return sound.replace(self.old, self.new)


class NotProven(Exception):
    """A break that can't be made, a test that fails on sound code, or one that a broken promise leaves green."""


def breaks() -> list[Break]:
    """All of mutations.toml."""
    with Path(__file__).with_suffix(".toml").open("rb") as file:
        return [Break(**each) for each in tomllib.load(file)["break"]]


@contextmanager
def worktree() -> Iterator[Path]:
    """A checkout of the last commit, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="streamworker-mutations-") as folder:
        there = Path(folder) / "sound"
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", there, "HEAD"], cwd=ROOT, check=True)
        try:
            yield there
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", there], cwd=ROOT, check=True)


@contextmanager
def broken(there: Path, it: Break) -> Iterator[None]:
    """A worktree with one promise broken, and whole again afterwards."""
    runtime = there / "runtime" / "streamworker"
    text, file = it.apply(runtime), runtime / it.file
    sound = file.read_text(encoding="utf-8")
    file.write_text(text, encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(sound, encoding="utf-8")


def run(there: Path, test: str) -> tuple[int, str]:
    """The exit code of pytest in the worktree, and what it said. Raises NotProven where it does not end."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-m", "faults or not faults", f"tests/{test}"],
            cwd=there,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(str(there / it) for it in ("runtime", "codegen", "."))},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_WITHIN,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotProven(f"it does not end within {_WITHIN:g} s") from None
    return done.returncode, done.stdout


def see_green(there: Path, test: str) -> None:
    code, said = run(there, test)
    if code != _PASSED:
        raise NotProven(f"it fails on sound code:\n{said}")


def see_red(there: Path, test: str, says: str) -> str:
    """How the test says that something is broken: a line of the error itself, not of the code that is shown with it."""
    code, said = run(there, test)
    if code == _PASSED:
        raise NotProven("it stays green")
    errors = [line[1:].strip() for line in said.splitlines() if line.startswith("E ")]
    if code != _FAILED or not any(says in error for error in errors):
        raise NotProven(f"it fails, but does not say {says!r}:\n{said}")
    return next(error for error in errors if says in error)


def prove(it: Break, tests: Sequence[str], there: Path, green: set[str]) -> int:
    """How many of its tests don't notice it. green: those that were seen to pass."""
    failures = 0
    for test in tests:
        try:
            if test not in green:
                see_green(there, test)
                green.add(test)
            with broken(there, it):
                error = see_red(there, test, it.red[test])
        except NotProven as problem:
            failures += 1
            print(f"  NOT PROVEN  {test}: {problem}", flush=True)
        else:
            print(f"  red  {test}: {error[:_SHOWN]}", flush=True)
    return failures


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.mutations", description=__doc__)
    parser.add_argument("words", nargs="*", help="only breaks and tests whose phrase, file or name hold one of these")
    words = parser.parse_args().words
    failures, tried, green = 0, 0, set[str]()
    with worktree() as there:
        for it in breaks():
            tests = [
                test for test in it.red if not words or any(word in f"{it.what} {it.file} {test}" for word in words)
            ]
            if tests:
                print(f"{it.file}: {it.what}", flush=True)
                failures += prove(it, tests, there, green)
                tried += len(tests)
    print(f"{tried - failures} of {tried} tests failed as they should")
    return 1 if failures or not tried else 0


if __name__ == "__main__":
    sys.exit(main())
