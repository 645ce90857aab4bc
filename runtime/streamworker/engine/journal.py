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
from streamworker.engine.inheritance import AGAIN, FREE, HEADER, HELD, RUNNING, SLOT, Inheritance, inherit

_LENGTHS = [length.to_bytes(2, "big") for length in range(SLOT)]


class Journal:
    """The journal of one worker in this process; notes nothing until it is open. More deliveries than it has slots are not noted:
    they come back after ack_wait."""

    def __init__(self) -> None:
        self._map: mmap.mmap | None = None
        self._free: list[int] = []
        self._slots: dict[Incoming, int] = {}
        self._settled: list[Incoming] = []
        self._written: Callable[[], Awaitable[None]] = _at_once
        self._forgetting: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether the next process on this machine will know what this one held."""
        return self._map is not None

    def open(self, file: int, slots: int, identity: str, written: Callable[[], Awaitable[None]]) -> None:
        """written: returns when all settlements so far are on their way."""
        self._written = written
        os.ftruncate(file, HEADER + slots * SLOT)
        self._map = mmap.mmap(file, HEADER + slots * SLOT)
        head = identity.encode()
        self._map[: len(head)] = head
        self._free = list(range(HEADER, HEADER + slots * SLOT, SLOT))

    def hold(self, incoming: Incoming, /) -> None:
        if self._map is None or incoming.redriven:
            return
        reply = incoming.reply.encode()
        if self._free and len(reply) < SLOT - 3:
            self._slots[incoming] = place = self._free.pop()
            self._map[place : place + 3 + len(reply)] = b"%c%b%b" % (_held(incoming), _LENGTHS[len(reply)], reply)

    def running(self, incoming: Incoming, /) -> None:
        """From here on it is a suspect, if the process dies."""
        place = self._slots.get(incoming)
        if place is not None and self._map is not None:
            self._map[place] = RUNNING

    def cleared(self, incoming: Incoming, /) -> None:
        """It is none: its handler has returned."""
        place = self._slots.get(incoming)
        if place is not None and self._map is not None:
            self._map[place] = _held(incoming)

    def settled(self, incoming: Incoming, /) -> None:
        """Forget it, but not before its settlement is on its way: an ack that a dying process did not get rid of brings it back after
        ack_wait, and that is late. Freed in bursts, so that an event pays next to nothing for it."""
        if incoming in self._slots:
            self._settled.append(incoming)
            if self._forgetting is None:
                self._forgetting = asyncio.get_running_loop().create_task(self._forget(), name="journal")

    async def _forget(self) -> None:
        while self._settled:
            settled, self._settled = self._settled, []
            await self._written()
            for incoming in settled:
                self._free_slot(incoming)
        self._forgetting = None

    def _free_slot(self, incoming: Incoming) -> None:
        place = self._slots.pop(incoming, None)
        if place is not None and self._map is not None:
            self._map[place] = FREE
            self._free.append(place)

    def close(self) -> None:
        if self._forgetting is not None:
            self._forgetting.cancel()
            self._forgetting = None
        if self._map is not None:
            self._map.close()
            self._map = None


async def _at_once() -> None:
    """Nothing is under way."""


def _held(incoming: Incoming) -> int:
    return AGAIN if incoming.delivered > 1 else HELD


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
