"""Inheritance: what dead processes of this machine held, by their journals."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# The form of a journal: a header, of which the first byte is where deliveries that have no slot are noted, and the rest says what it is
# about; then slots of a state, a length and a reply subject, whose stream and
# consumer names the server bounds to 255 bytes in practice. A state is a sum of flags, and nothing in a slot that is free.
HEADER: Final = 512
SLOT: Final = 320
FREE: Final = 0
HELD: Final = 1
RUNNING: Final = 2
NOTED: Final = 4


@dataclass(frozen=True)
class Left:
    """A delivery that a dead process held. `reply` settles it; `running`: a handler was at it, so that it may be what ended the process;
    `noted`: that process told the ledger that it starts."""

    reply: str
    running: bool
    noted: bool = False


class Inheritance:
    """What dead processes left. Their journals stay until `settle`: who dies before that leaves them to the next."""

    def __init__(self) -> None:
        self.left: list[Left] = []
        self._journals: list[tuple[Path, int]] = []

    def add(self, path: Path, file: int, left: Sequence[Left]) -> None:
        """file: open and locked, and closed by us."""
        self._journals.append((path, file))
        self.left += left

    def settle(self) -> None:
        """All of it was given back."""
        for path, _ in self._journals:
            path.unlink(missing_ok=True)
        self.release()

    def release(self) -> None:
        """Leave it to others."""
        for _, file in self._journals:
            os.close(file)
        self._journals.clear()


def inherit(folder: Path, name: str, identity: str) -> Inheritance:
    """Take over the journals of dead processes. What was left of another stream or consumer is dropped, since its replies would settle
    deliveries of this one."""
    inheritance = Inheritance()
    for path in sorted(folder.glob(f"{name}.*.journal")):
        file = _locked(path)
        if file is None:
            continue
        data = path.read_bytes()
        is_ours = data[1:HEADER].rstrip(b"\0").decode() == identity
        inheritance.add(path, file, _read(data) if is_ours else [])
    return inheritance


def _locked(path: Path) -> int | None:
    """Open, with its lock; None where its owner lives, or another process is or was faster."""
    try:
        file = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    if not os.fstat(file).st_nlink:  # settled between the two calls
        os.close(file)
        return None
    return file


def _read(data: bytes) -> list[Left]:
    left = []
    for place in range(HEADER, len(data) - SLOT + 1, SLOT):
        state = data[place]
        if state != FREE:
            length = int.from_bytes(data[place + 1 : place + 3], "big")
            reply = data[place + 3 : place + 3 + length].decode()
            left.append(Left(reply, running=bool(state & RUNNING), noted=bool(state & NOTED)))
    return left
