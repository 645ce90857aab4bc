"""The journal: which deliveries this process holds and which of them a handler works on, in a file that outlives a SIGKILL.

A memory-mapped file with a slot for each delivery; the kernel keeps what was written when the process dies. The next process on
this machine reads it: what was held comes back at once instead of after ack_wait, and what was running is a suspect.
A delivery costs it about half a microsecond.
"""

from __future__ import annotations

import asyncio
import fcntl
import mmap
import os
import secrets
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from streamworker.delivery import Incoming
from streamworker.engine.inheritance import FREE, HEADER, HELD, NOTED, RUNNING, SLOT, Inheritance, inherit

_HEADS = [
    b"%c%b" % (HELD, length.to_bytes(2, "big")) for length in range(SLOT)
]  # the state and the length of each reply


class _Nothing:
    """In place of a file that is not open: what is noted in it is forgotten, and nobody has to ask first."""

    def __setitem__(self, place: int | slice, noted: int | bytes) -> None:
        pass

    def close(self) -> None:
        pass


class Journal:
    """The journal of one worker in this process; notes nothing until it is open. More deliveries than it has slots are not noted:
    they come back after ack_wait."""

    def __init__(self) -> None:
        self._map: mmap.mmap | _Nothing = _Nothing()
        self._free: list[int] = []
        self._settled: list[Incoming] = []
        self._written: Callable[[], Awaitable[None]] = _at_once
        self._forgetting: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether the next process on this machine will know what this one held."""
        return isinstance(self._map, mmap.mmap)

    def open(self, file: int, slots: int, identity: str, written: Callable[[], Awaitable[None]]) -> None:
        """written: returns when all settlements so far are on their way."""
        self._written = written
        os.ftruncate(file, HEADER + slots * SLOT)
        self._map = mmap.mmap(file, HEADER + slots * SLOT)
        head = identity.encode()
        self._map[1 : 1 + len(head)] = head
        self._free = list(range(HEADER, HEADER + slots * SLOT, SLOT))

    def hold(self, incoming: Incoming, /) -> None:
        if not self._free or incoming.redriven:
            return
        reply = incoming.reply.encode()
        if len(reply) < SLOT - 3:
            incoming.place = place = self._free.pop()
            self._map[place : place + 3 + len(reply)] = _HEADS[len(reply)] + reply

    def running(self, incoming: Incoming, /) -> None:
        """From here on it is a suspect, if the process dies."""
        self._map[incoming.place] = RUNNING | NOTED if incoming.noted else RUNNING

    def cleared(self, incoming: Incoming, /) -> None:
        """It is none: its handler has returned."""
        self._map[incoming.place] = HELD | NOTED if incoming.noted else HELD

    def noted(self, incoming: Incoming, /) -> None:
        """The ledger is told that it starts: to be taken back, if the process dies before it does."""
        incoming.noted = True
        self._map[incoming.place] = HELD | NOTED

    def settled(self, incoming: Incoming, /) -> None:
        """Forget it, but not before its settlement is on its way: an ack that a dying process did not get rid of brings it back after
        ack_wait, and that is late. Freed in bursts, so that an event pays next to nothing for it."""
        if incoming.place:
            self._settled.append(incoming)
            if self._forgetting is None:
                self._forgetting = asyncio.get_running_loop().create_task(self._forget(), name="journal")

    async def _forget(self) -> None:
        while self._settled:
            settled, self._settled = self._settled, []
            await self._written()
            for incoming in settled:
                self._map[incoming.place] = FREE
                self._free.append(incoming.place)
                incoming.place = 0
        self._forgetting = None

    def close(self) -> None:
        if self._forgetting is not None:
            self._forgetting.cancel()
            self._forgetting = None
        self._map.close()
        self._map = _Nothing()
        self._free.clear()


async def _at_once() -> None:
    """Nothing is under way."""


def default_journals() -> Path:
    """Where journals lie unless a project says otherwise: $STREAMWORKER_STATE, else in the folder for temporary files."""
    state = os.environ.get("STREAMWORKER_STATE")
    return Path(state) if state else Path(tempfile.gettempdir()) / f"streamworker-{os.getuid()}"


@contextmanager
def journal_file(
    journal: Journal, folder: Path, name: str, slots: int, identity: str, written: Callable[[], Awaitable[None]]
) -> Iterator[Inheritance]:
    """Open `journal` on a file of this process; what dead processes left in theirs is yielded.

    identity: which stream and consumer it is about. written: see `Journal.open`. Raises OSError where the folder can't be written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    inheritance = inherit(folder, name, identity)
    path = folder / f"{name}.{os.getpid()}-{secrets.token_hex(4)}.journal"
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        journal.open(file, slots, identity, written)
        yield inheritance
    finally:
        inheritance.release()
        journal.close()
        path.unlink(missing_ok=True)
        os.close(file)
