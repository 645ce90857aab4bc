"""Leases: a thing that one process at a time may do, decided in a key-value bucket.

An entry with a time to live says who holds it; whoever holds it writes it again every third of that time, by revision. The server
ends it when its holder is gone (per-message TTL, NATS ADR-43), so that no two clocks are ever compared. A holder that could not renew in
time stops by itself before the server ends its entry.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from streamworker.errors import RevisionConflict, StreamworkerError

_log = logging.getLogger("streamworker.lease")
_LOOK = 1.0  # seconds between two tries of who stands by
_DOUBT = 0.05  # seconds between two looks of who is in doubt
_MARGIN = 0.6  # of its time, after which a holder that could not renew starts no more tries; each may take a third


class LeaseBucket(Protocol):
    """What a lease needs of a bucket; the writes return a revision, and raise RevisionConflict where another was faster."""

    async def create(self, key: str, data: bytes, /, *, ttl: float | None = None) -> int: ...
    async def update(self, key: str, data: bytes, revision: int, /, *, ttl: float | None = None) -> int: ...
    async def delete(self, key: str, revision: int | None = None, /) -> None: ...


class Lease:
    """The right to do `name`. ttl: seconds, whole ones, from 3; how long it takes at most until another takes over from a dead holder.

    waiting: why it is not held; empty while it is.
    """

    def __init__(self, bucket: LeaseBucket, name: str, *, ttl: float = 15.0) -> None:
        self.ttl = ttl
        self.waiting = "not asked for"
        self._bucket = bucket
        self._name = name
        self._holder = secrets.token_hex(8).encode()
        self._revision = 0
        self._renewed = float("-inf")

    @property
    def held(self) -> bool:
        """Whether the server can't have ended our entry yet. Tells the truth also after the process was stopped for a while, when its
        loop has not seen yet that its time is over."""
        return time.monotonic() < self._renewed + self.ttl

    async def sure(self) -> None:
        """Return while it is held; in doubt, when it was renewed. Who works awaits this before each thing that only a holder may do, and
        is cancelled when the doubt was right."""
        while not self.held:  # noqa: ASYNC110  # it is a matter of time, not of an event
            await asyncio.sleep(_DOUBT)

    async def while_held(self, work: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
        """Do `work` whenever we hold the lease, until it returns by itself or `stop` is set. It is cancelled as soon as the lease is lost,
        and done again when we hold it again. `stop` does not cancel it: it knows when to end."""
        while not stop.is_set():
            if not await self._acquired(stop):
                return
            working = asyncio.ensure_future(work())
            keeping = asyncio.ensure_future(self._keep())
            try:
                await asyncio.wait({working, keeping}, return_when=asyncio.FIRST_COMPLETED)
                if working.done():
                    await working
                    return
                self._tell("the lease is lost", logging.WARNING)
            finally:
                for task in (keeping, working):
                    task.cancel()
                await asyncio.wait({working, keeping})
                await self._release()

    async def _acquired(self, stop: asyncio.Event) -> bool:
        """Return True once we hold it, False if `stop` came first."""
        while not stop.is_set():
            asked = time.monotonic()
            try:
                self._note(await self._bucket.create(self._name, self._holder, ttl=self.ttl), asked)
            except RevisionConflict:
                self._tell("another process is at it")
            except StreamworkerError as trouble:
                self._tell(f"no lease: {trouble}", logging.WARNING)
            else:
                return True
            await _wait(stop, min(_LOOK, self.ttl / 3))
        return False

    async def _keep(self) -> None:
        """Renew, until that fails for too long or another holds it."""
        pause = self.ttl / 3
        while (left := self._renewed + _MARGIN * self.ttl - time.monotonic()) > 0:
            await asyncio.sleep(min(pause, left))
            asked = time.monotonic()
            try:
                async with asyncio.timeout(self.ttl / 3):
                    revision = await self._bucket.update(self._name, self._holder, self._revision, ttl=self.ttl)
            except RevisionConflict:
                self._renewed = float("-inf")  # at once: the work that is to end may ask
                return
            except (StreamworkerError, TimeoutError) as trouble:
                _log.info("%s: the lease could not be renewed: %s", self._name, str(trouble) or "no answer")
                pause = min(_LOOK, self.ttl / 10)
            else:
                self._note(revision, asked)
                pause = self.ttl / 3

    async def _release(self) -> None:
        self._renewed = float("-inf")
        try:
            async with asyncio.timeout(self.ttl / 3):
                await self._bucket.delete(self._name, self._revision)
        except (StreamworkerError, TimeoutError) as trouble:
            _log.debug("%s: the lease runs out by itself: %s", self._name, trouble)

    def _note(self, revision: int, asked: float) -> None:
        self.waiting = ""
        self._revision = revision
        self._renewed = asked

    def _tell(self, waiting: str, level: int = logging.INFO) -> None:
        if waiting != self.waiting:
            _log.log(level, "%s: %s", self._name, waiting)
        self.waiting = waiting


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
