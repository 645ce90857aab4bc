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


class LeaseBucket(Protocol):
    """What a lease needs of a bucket; the writes return a revision, and raise RevisionConflict where another was faster."""

    async def create(self, key: str, data: bytes, /, *, ttl: float | None = None) -> int: ...
    async def update(self, key: str, data: bytes, revision: int, /, *, ttl: float | None = None) -> int: ...
    async def delete(self, key: str, revision: int | None = None, /) -> None: ...


class Lease:
    """The right to do `name`. ttl: seconds, whole ones, from 3; how long it takes at most until another takes over from a dead holder."""

    def __init__(self, bucket: LeaseBucket, name: str, *, ttl: float = 15.0) -> None:
        self.held = False
        self._bucket = bucket
        self._name = name
        self._ttl = ttl
        self._holder = secrets.token_hex(8).encode()
        self._revision = 0
        self._renewed = 0.0

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
                _log.warning("%s: the lease is lost; standing by", self._name)
            finally:
                for task in (keeping, working):
                    task.cancel()
                await asyncio.wait({working, keeping})
                await self._release()

    async def _acquired(self, stop: asyncio.Event) -> bool:
        """Return True once we hold it, False if `stop` came first."""
        told = False
        while not stop.is_set():
            try:
                self._note(await self._bucket.create(self._name, self._holder, ttl=self._ttl))
            except RevisionConflict:
                if not told:
                    _log.info("%s: another process is at it; standing by", self._name)
                    told = True
            except StreamworkerError as trouble:
                _log.warning("%s: no lease: %s", self._name, trouble)
            else:
                return True
            await _wait(stop, self._ttl / 3)
        return False

    async def _keep(self) -> None:
        """Renew, until that fails for too long or another holds it."""
        while True:
            await asyncio.sleep(self._ttl / 3)
            try:
                async with asyncio.timeout(self._ttl / 3):
                    self._note(await self._bucket.update(self._name, self._holder, self._revision, ttl=self._ttl))
            except RevisionConflict:
                return
            except (StreamworkerError, TimeoutError) as trouble:
                if time.monotonic() - self._renewed > self._ttl / 2:
                    _log.warning("%s: the lease could not be renewed: %s", self._name, trouble)
                    return

    async def _release(self) -> None:
        self.held = False
        try:
            await self._bucket.delete(self._name, self._revision)
        except StreamworkerError as trouble:
            _log.debug("%s: the lease runs out by itself: %s", self._name, trouble)

    def _note(self, revision: int) -> None:
        self.held = True
        self._revision = revision
        self._renewed = time.monotonic()


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
