"""The connection to NATS: supervised, so that it comes back after anything."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Protocol

from nats import errors

from streamworker.errors import ConnectionLost
from streamworker.jetstream.client import ReadingClient, close_client
from streamworker.jetstream.dialer import Dialed, Dialer
from streamworker.jetstream.fitness import check_jetstream, check_version, version_of
from streamworker.jetstream.options import ConnectionOptions
from streamworker.jetstream.outbox import Outbox
from streamworker.jetstream.reading import OnMessage
from streamworker.jetstream.requests import Requests
from streamworker.jetstream.subscriptions import Subscription, Subscriptions

_logger = logging.getLogger(__name__)
_VIOLATION = re.compile(r'permissions violation for (publish|subscription) to "([^"]*)"')
_LOOK_EVERY = 0.5
_FOR_EVER = 24 * 3600


class Observer(Protocol):
    """Told of what happens to a connection. None of these blocks or raises."""

    def connected(self) -> None:
        """A connection is there again, with all subscriptions made."""

    def disconnected(self) -> None: ...

    def forbidden(self, subject: str) -> None:
        """The server refused a publish, for want of permission. `subject` is in lower case (the client's doing)."""


class Connection:
    """A connection to NATS, from `open` to `close`. Writes go through `outbox`, questions through `requests`.

    on_waiting: told what it waits for, whenever that changes; the empty text once it goes on.
    """

    def __init__(self, options: ConnectionOptions, *, on_waiting: Callable[[str], None] | None = None) -> None:
        self.options = options
        self.outbox = Outbox()
        self.waiting = ""
        self.server_version = ""
        self._on_waiting = on_waiting
        self._inbox = f"{options.inbox_prefix}.{secrets.token_hex(8)}"
        self._inboxes = 0
        self._dialer = Dialer(options, self._say, self._on_error)
        self._dialed: Dialed | None = None
        self._subscriptions = Subscriptions()
        self._observers: list[Observer] = []
        self._holders = 0
        self._opening = asyncio.Lock()
        self._closes_itself = False
        self._up = asyncio.Event()
        self._supervisor: asyncio.Task[None] | None = None
        self._flushes: set[asyncio.Future[None]] = set()
        self.requests = Requests(self)

    @property
    def connected(self) -> bool:
        return self._dialed is not None and self._dialed.client.is_connected

    @property
    def url(self) -> str:
        """The servers, for people: without user and password."""
        return ",".join(self.options.servers)

    async def open(self) -> None:
        """Connect. Waits, as long as it takes, for a server to be there. Raises ConfigurationError if it refuses us, is too old, or has
        no JetStream."""
        dialed = await self._dialer.dial(strict=True)
        try:
            check_version(dialed.client, self.url)
            self._supervisor = asyncio.get_running_loop().create_task(self._supervise(dialed), name="nats-connection")
            await check_jetstream(self.requests, self.url, self._say)
        except BaseException:
            await self.close()
            await close_client(dialed.client)
            raise

    async def close(self) -> None:
        """Close at once; what is queued is dropped."""
        if self._supervisor is not None:
            self._supervisor.cancel()
            await asyncio.wait({self._supervisor})
            self._supervisor = None
        await self._release()

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Open as long as somebody holds it: the first opens it, the last closes it, unless `open` was called before."""
        self._holders += 1
        try:
            async with self._opening:
                if self._supervisor is None:
                    self._closes_itself = True
                    await self.open()
            yield
        finally:
            self._holders -= 1
            if self._closes_itself and not self._holders:
                await self.close()

    def watch(self, observer: Observer) -> None:
        """Tell `observer` of what happens from now on, in the order in which observers came."""
        self._observers.append(observer)

    def unwatch(self, observer: Observer) -> None:
        if observer in self._observers:
            self._observers.remove(observer)

    def new_inbox(self) -> str:
        """A subject for answers that nobody else uses; `.` and a token may follow it."""
        self._inboxes += 1
        return f"{self._inbox}.{self._inboxes}"

    async def subscribe(self, subject: str, on_message: OnMessage) -> Subscription:
        """Have `on_message` called for every message on `subject`, on this connection and all that follow it."""
        return await self._subscriptions.add(subject, on_message, self._client)

    async def ready(self, within: float) -> None:
        """Return when connected. Raises ConnectionLost after `within` seconds."""
        try:
            async with asyncio.timeout(within):
                await self._up.wait()
        except TimeoutError:
            raise ConnectionLost(self.url, within, self.waiting or "not connected") from None

    async def flush(self, within: float) -> None:
        """Return when the server has taken all that is queued now. Raises ConnectionLost after `within` seconds, and at once if the
        connection is lost: what was being written then may or may not have arrived."""
        started = asyncio.get_running_loop().time()
        # Left to itself when it is late: a flush that is cancelled kills the client's reader when the answer comes after all.
        flushing = asyncio.ensure_future(self._flush())
        self._flushes.add(flushing)
        flushing.add_done_callback(self._flushes.discard)
        done, _ = await asyncio.wait({flushing}, timeout=within)
        if not done or flushing.cancelled() or flushing.exception() is not None:
            waited = asyncio.get_running_loop().time() - started
            raise ConnectionLost(self.url, waited, self.waiting or "the server did not answer")

    async def _flush(self) -> None:
        await self.outbox.written()
        client = self._client
        if client is None:
            raise errors.ConnectionClosedError
        for _ in range(2):  # the client sends the first PING ahead of what it has buffered, and only then writes that
            await client.flush(timeout=_FOR_EVER)
        if not client.is_connected:  # its flush returns at once if its reader has ended
            raise errors.ConnectionClosedError

    @property
    def _client(self) -> ReadingClient | None:
        return self._dialed.client if self._dialed is not None else None

    async def _supervise(self, dialed: Dialed) -> None:
        """Use this client, and when it is down, the next one; for ever."""
        clock = asyncio.get_running_loop().time
        while True:
            since = clock()
            await self._use(dialed)
            reason = dialed.client.last_error
            self._say(f"the connection to NATS is lost{f': {reason}' if reason else ''}")
            await self._release()
            await self._dialer.lived(clock() - since)
            dialed = await self._dialer.dial(strict=False)

    async def _use(self, dialed: Dialed) -> None:
        """Work with this client until it is down."""
        self._dialed = dialed
        self.server_version = version_of(dialed.client)
        try:
            await self._subscriptions.make(dialed.client)
        except (errors.Error, OSError) as error:
            _logger.debug("connected and lost again: %s", error)
            return
        self.outbox.attach(dialed.client)
        self._say("")
        self._up.set()
        for observer in tuple(self._observers):
            observer.connected()
        while dialed.client.is_connected and not dialed.down.is_set():
            try:
                async with asyncio.timeout(_LOOK_EVERY):  # not all ends of the client's reach its callbacks
                    await dialed.down.wait()
            except TimeoutError:
                continue

    async def _release(self) -> None:
        dialed, self._dialed = self._dialed, None
        self.outbox.detach()
        self._up.clear()
        for flushing in self._flushes:
            flushing.cancel()
        if dialed is not None:
            for observer in tuple(self._observers):
                observer.disconnected()
            await close_client(dialed.client)

    def _on_error(self, error: Exception) -> None:
        violation = _VIOLATION.search(str(error))
        if violation is None:
            lost = isinstance(error, OSError | errors.StaleConnectionError)  # said as such by the supervisor
            _logger.log(logging.DEBUG if lost else logging.WARNING, "NATS: %s", error)
            return
        _logger.warning("NATS: no permission for %s to %s", *violation.groups())
        if violation[1] == "publish":
            for observer in tuple(self._observers):
                observer.forbidden(violation[2])

    def _say(self, waiting: str) -> None:
        if waiting == self.waiting:
            return
        self.waiting = waiting
        if waiting:
            _logger.warning("waiting: %s", waiting)
        if self._on_waiting is not None:
            self._on_waiting(waiting)
