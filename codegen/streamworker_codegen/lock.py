"""One compiler at a time in one project."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from streamworker_codegen.errors import CannotRead


@contextmanager
def locked(folder: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Holds the folder itself, so that nothing is left behind; the system lets go when the process ends. `waiting` is called once
    where another one holds it. Raises CannotRead where the folder can't be held."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise CannotRead(str(folder), error.strerror or str(error)) from error
    try:
        _acquire(handle, folder, waiting)
        yield
    finally:
        os.close(handle)


def _acquire(handle: int, folder: Path, waiting: Callable[[], None]) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        waiting()
        fcntl.flock(handle, fcntl.LOCK_EX)
    except OSError as error:
        raise CannotRead(str(folder), f"it can't be locked: {error.strerror}") from error
