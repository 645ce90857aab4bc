"""One compiler at a time in one project."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(folder: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Holds the folder itself, so that nothing is left behind; the system lets go when the process ends. `waiting` is called once
    where another one holds it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        _acquire(handle, waiting)
        yield
    finally:
        os.close(handle)


def _acquire(handle: int, waiting: Callable[[], None]) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        waiting()
        fcntl.flock(handle, fcntl.LOCK_EX)
