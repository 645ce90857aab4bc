"""The only writer. First every file goes beside its place, whole and on disk; then all are renamed. What fails before that changes nothing;
what ends the process in between is finished by the next run, since the manifest names old and new."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from streamworker_codegen.errors import CannotWrite
from streamworker_codegen.plan import MANIFEST, Plan

_NEW = ".streamworker-new"
_MANY = 50


def write(root: Path, plan: Plan) -> None:
    """Carries out a plan. Raises CannotWrite, and KeyboardInterrupt; either leaves whole files only."""
    texts = {**plan.writes, **plan.stubs}
    during = replace(plan.manifest, replaced=plan.replaced)
    _sweep(root / "generated")
    made: list[Path] = []
    try:
        for path, text in texts.items():
            _prepare(root / path, text, made)
        _to_disk([_beside(root / path) for path in texts])
        with _undisturbed():
            _put(root / MANIFEST, during.text(), made)
            for path in texts:
                _beside(root / path).replace(root / path)
            for path in plan.removes:
                _remove(root, root / path)
            _put(root / MANIFEST, plan.manifest.text(), made)
    except OSError as error:
        reason = f"{error.strerror or error}\n  nothing was left half-written: mend that, and run it again"
        raise CannotWrite(_relative(root, error.filename), reason) from error
    finally:
        _clear(made)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}{_NEW}")


def _prepare(path: Path, text: str, made: list[Path]) -> None:
    """Writes a file beside its place. `made` gets it, and the folders that it needs, before they are there: Ctrl-C may come between."""
    for folder in reversed([path.parent, *path.parent.parents]):
        if not folder.exists():
            made.append(folder)
            folder.mkdir()
    made.append(_beside(path))
    try:
        with _beside(path).open("wb") as file:
            file.write(text.encode())
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _to_disk(paths: list[Path]) -> None:
    """So that a name never stands for a file that a power cut has emptied. Hundreds of flushes one by one would take seconds."""
    if len(paths) > _MANY:
        os.sync()
        return
    for path in paths:
        with path.open("rb") as file:
            os.fsync(file.fileno())


def _put(path: Path, text: str, made: list[Path]) -> None:
    _prepare(path, text, made)
    _beside(path).replace(path)


def _remove(root: Path, path: Path) -> None:
    """And the folders that it leaves empty."""
    path.unlink(missing_ok=True)
    folder = path.parent
    while folder != root and {each.name for each in folder.iterdir()} <= {"__pycache__"}:
        shutil.rmtree(folder)
        folder = folder.parent


def _sweep(folder: Path) -> None:
    """What a process that was killed has left."""
    for path in folder.rglob(f".*{_NEW}"):
        path.unlink(missing_ok=True)


def _clear(made: list[Path]) -> None:
    """Removes what was prepared and not renamed, and folders that stayed empty."""
    for path in reversed(made):
        if path.is_file():
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def _relative(root: Path, filename: object) -> str:
    path = Path(str(filename))
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C waits until the files are renamed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[object] = []
    before = signal.signal(signal.SIGINT, lambda *arguments: held.append(arguments))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if held:
        raise KeyboardInterrupt
