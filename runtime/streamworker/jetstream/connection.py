"""The connection to NATS: supervised, so that it comes back after anything."""

from __future__ import annotations

import asyncio
import logging
import random
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Protocol, TypeAlias

from nats import errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription as ClientSubscription

from streamworker.errors import BrokerError, ConfigurationError, ConnectionLost
from streamworker.jetstream.api import answer_of
from streamworker.jetstream.client import RefusedByServerError, close_client, open_client
from streamworker.jetstream.options import ConnectionOptions
from streamworker.jetstream.outbox import Outbox
from streamworker.jetstream.requests import NO_RESPONDERS, Requests

_logger = logging.getLogger(__name__)
_VIOLATION = re.compile(r'permissions violation for (publish|subscription) to "([^"]*)"')
_LOOK_EVERY = 0.5
_SHORTEST_BACKOFF = 0.1
_NO_JETSTREAM = (NO_RESPONDERS, 10039, 10076)
_OLDEST_SERVER = (2, 11)

OnMessage: TypeAlias = Callable[[Msg], Awaitable[None]]
"""Takes a message. An async function, as the client wants it, that never suspends."""


class Observer(Protocol):
    """Told of what happens to a connection. None of these blocks or raises."""

    def connected(self) -> None:
        """A connection is there, with all subscriptions made; called for each, the first included."""

    def disconnected(self) -> None: ...

    def forbidden(self, subject: str) -> None:
        """The server refused a publish, for want of permission. `subject` is in lower case (the server's own doing)."""


class Subscription:
    """A subscription that outlives the connection that it was made on."""

    def __init__(self, connection: Connection, subject: str, on_message: OnMessage) -> None:
        self.subject = subject
        self._connection = connection
        self._on_message = on_message
        self._client: Client | None = None
        self._made: ClientSubscription | None = None

    async def make(self, client: Client) -> None:
        """Make it on this client, once."""
        if self._client is client:
            return
        self._client = client
        self._made = await client.subscribe(
            self.subject, cb=self._on_message, pending_msgs_limit=0, pending_bytes_limit=0
        )

    async def drain(self) -> None:
        """Have the server send nothing more; return when all that it had sent was handed over."""
        self._connection.forget(self)
        if self._made is not None and self._connection.connected:
            try:
                await self._made.drain()  # type: ignore[no-untyped-call]  # the client has no annotation there
            except errors.Error as error:
                _logger.debug("draining %s: %s", self.subject, error)

    async def close(self) -> None:
        self._connection.forget(self)
        if self._made is not None and self._connection.connected:
            try:
                await self._made.unsubscribe()
            except errors.Error as error:  # the connection went down meanwhile, and the subscription with it
                _logger.debug("unsubscribing %s: %s", self.subject, error)


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
        self._client: Client | None = None
        self._servers = list(options.servers)
        self._subscriptions: list[Subscription] = []
        self._observers: list[Observer] = []
        self._holders = 0
        self._opening = asyncio.Lock()
        self._closes_itself = False
        self._down = asyncio.Event()
        self._up = asyncio.Event()
        self._supervisor: asyncio.Task[None] | None = None
        self.requests = Requests(self)
        self._flushes: set[asyncio.Future[None]] = set()

    @property
    def connected(self) -> bool:
        return self._client is not None and self._client.is_connected

    @property
    def url(self) -> str:
        """The servers, for people: without user and password."""
        return ",".join(self.options.servers)

    async def open(self) -> None:
        """Connect. Waits, as long as it takes, for a server to be there. Raises ConfigurationError if it refuses us, is too old, or has
        no JetStream."""
        client = await self._reach(strict=True)
        try:
            self._check_version(client)
            await self._adopt(client)
        except BaseException:
            await close_client(client)
            raise
        self._supervisor = asyncio.get_running_loop().create_task(self._supervise(), name="nats-connection")
        try:
            await self._check_jetstream()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Close at once; what is queued is dropped."""
        if self._supervisor is not None:
            self._supervisor.cancel()
            await asyncio.wait({self._supervisor})
            self._supervisor = None
        if (client := self._release()) is not None:
            await close_client(client)

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
        subscription = Subscription(self, subject, on_message)
        self._subscriptions.append(subscription)
        if self._client is not None:
            try:
                await subscription.make(self._client)
            except errors.ConnectionClosedError:
                _logger.debug("subscribing %s waits for the next connection", subject)
        return subscription

    def forget(self, subscription: Subscription) -> None:
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)

    async def ready(self, within: float) -> None:
        """Return when connected. Raises ConnectionLost after `within` seconds."""
        try:
            async with asyncio.timeout(within):
                await self._up.wait()
        except TimeoutError:
            raise ConnectionLost(self.url, within, self.waiting or "not connected") from None

    async def flush(self, within: float) -> None:
        """Return when the server has taken all that is queued now. Raises ConnectionLost after `within` seconds."""
        # Left to itself when it is late: a flush that is cancelled kills the client's reader when the answer comes after all.
        flushing = asyncio.ensure_future(self._flush())
        self._flushes.add(flushing)
        flushing.add_done_callback(self._flushes.discard)
        done, _ = await asyncio.wait({flushing}, timeout=within)
        if not done or flushing.cancelled() or flushing.exception() is not None:
            raise ConnectionLost(self.url, within, self.waiting or "the server did not answer")

    async def _flush(self) -> None:
        await self.outbox.written()
        if self._client is None:
            raise errors.ConnectionClosedError
        await self._client.flush(timeout=24 * 3600)

    async def _supervise(self) -> None:
        while True:
            await self._until_down()
            reason = self._client.last_error if self._client else None
            self._say(f"the connection to NATS is lost{f': {reason}' if reason else ''}")
            if (old := self._release()) is not None:
                await close_client(old)
            client = await self._reach(strict=False)
            try:
                await self._adopt(client)
            except (errors.Error, OSError) as error:
                _logger.debug("connected and lost again: %s", error)

    async def _until_down(self) -> None:
        while self.connected and not self._down.is_set():
            try:
                async with asyncio.timeout(_LOOK_EVERY):  # not all ends of the client's reach its callbacks
                    await self._down.wait()
            except TimeoutError:
                continue

    async def _reach(self, *, strict: bool) -> Client:
        """The next client. strict: a refusal of the server is a ConfigurationError; else it is waited for like everything."""
        self._down.clear()
        pause = _SHORTEST_BACKOFF
        while True:
            server = self._servers[0]
            self._servers.append(self._servers.pop(0))
            try:
                return await open_client(self.options, server, self._on_error, self._down.set)
            except RefusedByServerError as refusal:
                if strict:
                    raise ConfigurationError(
                        f"the NATS server {server} does not let us in: {refusal}", hint="check the credentials"
                    ) from None
                self._say(f"the NATS server {server} does not let us in: {refusal}")
            except (OSError, TimeoutError, errors.Error) as error:
                self._say(f"no NATS server at {server}: {str(error) or type(error).__name__}")
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(2 * pause, self.options.longest_backoff)

    async def _adopt(self, client: Client) -> None:
        self._client = client
        self.server_version = f"{client.connected_server_version!r}".removeprefix("<nats server v").removesuffix(">")
        self._servers += [url for found in client.discovered_servers if (url := found.geturl()) not in self._servers]
        for subscription in self._subscriptions:
            await subscription.make(client)
        self.outbox.attach(client)
        self._say("")
        self._up.set()
        for observer in tuple(self._observers):
            observer.connected()

    def _release(self) -> Client | None:
        client, self._client = self._client, None
        self.outbox.detach()
        self._up.clear()
        for flushing in self._flushes:
            flushing.cancel()
        if client is not None:
            for observer in tuple(self._observers):
                observer.disconnected()
        return client

    def _check_version(self, client: Client) -> None:
        version = client.connected_server_version
        if (version.major, version.minor) < _OLDEST_SERVER:
            raise ConfigurationError(
                f"the NATS server at {self.url} is version {version.major}.{version.minor}",
                hint=f"streamworker needs nats-server {'.'.join(map(str, _OLDEST_SERVER))} or newer",
            )

    async def _check_jetstream(self) -> None:
        while True:
            try:
                answer_of("JetStream", await self.requests.ask("$JS.API.INFO"))
            except ConnectionLost as silence:  # a cluster may be choosing its leader
                self._say(silence.reason)
            except BrokerError as error:
                if error.code in _NO_JETSTREAM:
                    raise ConfigurationError(
                        f"the NATS server at {self.url} has no JetStream for us: {error.description}",
                        hint="enable it: a `jetstream` block in the server's configuration, and in the account's where there are any",
                    ) from None
                break  # it answers, though not to this: we may not be permitted to ask
            else:
                break
        self._say("")

    def _on_error(self, error: Exception) -> None:
        violation = _VIOLATION.search(str(error))
        if violation is None:
            _logger.warning("NATS: %s", error)
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
            _logger.info("%s", waiting)
        if self._on_waiting is not None:
            self._on_waiting(waiting)
