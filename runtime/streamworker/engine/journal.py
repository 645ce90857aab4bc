"""The journal: which deliveries this process holds and which of them a handler works on, in a file that outlives a SIGKILL.

A memory-mapped file with a slot for each delivery; the kernel keeps what was written when the process dies. The next process on
this machine reads it: what was held comes back at once instead of after ack_wait, and what was running is a suspect.
A delivery costs it about half a microsecond.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from streamworker.delivery import Incoming

_SLOT = 320  # bytes: state, length, and a reply subject, whose stream and consumer names the server bounds to 255 in practice
_HEADER = 512
_FREE, _HELD, _RUNNING, _CLEARED = 0, 1, 2, 3


@dataclass(frozen=True)
class Left:
    """A delivery that a dead process held. `reply` settles it; `running`: a handler was at it, so that it may be what ended the process;
    `cleared`: it was handed out before, and what the ledger says of its start then is over: no handler was at it this time."""

    reply: str
    running: bool
    cleared: bool = False


class Journal:
    """The journal of one worker in this process; notes nothing until it is open. More deliveries than it has slots are not noted:
    they come back after ack_wait."""

    def __init__(self) -> None:
        self._map: mmap.mmap | None = None
        self._free: list[int] = []
        self._slots: dict[Incoming, int] = {}

    def open(self, file: int, slots: int, identity: str) -> None:
        os.ftruncate(file, _HEADER + slots * _SLOT)
        self._map = mmap.mmap(file, _HEADER + slots * _SLOT)
        head = identity.encode()
        self._map[: len(head)] = head
        self._free = list(range(_HEADER, _HEADER + slots * _SLOT, _SLOT))

    def hold(self, incoming: Incoming, /) -> None:
        if self._map is None or incoming.redriven:
            return
        reply = incoming.reply.encode()
        if self._free and len(reply) < _SLOT - 3:
            self._slots[incoming] = place = self._free.pop()
            self._map[place : place + 3 + len(reply)] = b"\1" + len(reply).to_bytes(2, "big") + reply

    def running(self, incoming: Incoming, /) -> None:
        """From here on it is a suspect, if the process dies."""
        place = self._slots.get(incoming)
        if place is not None and self._map is not None:
            self._map[place] = _RUNNING

    def cleared(self, incoming: Incoming, /) -> None:
        """It is none: not started yet, though the ledger may say so, or its handler has returned."""
        place = self._slots.get(incoming)
        if place is not None and self._map is not None:
            self._map[place] = _CLEARED if incoming.delivered > 1 else _HELD

    def forget(self, incoming: Incoming, /) -> None:
        place = self._slots.pop(incoming, None)
        if place is not None and self._map is not None:
            self._map[place] = _FREE
            self._free.append(place)

    def close(self) -> None:
        if self._map is not None:
            self._map.close()
            self._map = None


def default_journals() -> Path:
    """Where journals lie unless a project says otherwise: $STREAMWORKER_STATE, else in the folder for temporary files."""
    state = os.environ.get("STREAMWORKER_STATE")
    return Path(state) if state else Path(tempfile.gettempdir()) / f"streamworker-{os.getuid()}"


@contextmanager
def journal_file(journal: Journal, folder: Path, name: str, slots: int, identity: str) -> Iterator[list[Left]]:
    """Open `journal` on a file of this process; what dead processes left in theirs.

    identity: which stream and consumer it is about; what was left of another is dropped, since its replies would settle deliveries
    of this one. Raises OSError where the folder can't be written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    left = [each for path in folder.glob(f"{name}.*.journal") for each in _inherit(path, identity)]
    path = folder / f"{name}.{os.getpid()}-{secrets.token_hex(4)}.journal"
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        journal.open(file, slots, identity)
        yield left
    finally:
        journal.close()
        path.unlink(missing_ok=True)
        os.close(file)


def _inherit(path: Path, identity: str) -> list[Left]:
    """Take over the journal of a dead process; nothing where its owner lives, or another process was faster."""
    try:
        file = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return []
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        data = path.read_bytes()
        path.unlink()
    except (BlockingIOError, FileNotFoundError):
        return []
    finally:
        os.close(file)
    return _read(data) if data[:_HEADER].rstrip(b"\0").decode() == identity else []


def _read(data: bytes) -> list[Left]:
    left = []
    for place in range(_HEADER, len(data) - _SLOT + 1, _SLOT):
        if data[place] != _FREE:
            length = int.from_bytes(data[place + 1 : place + 3], "big")
            left.append(
                Left(data[place + 3 : place + 3 + length].decode(), data[place] == _RUNNING, data[place] == _CLEARED)
            )
    return left
