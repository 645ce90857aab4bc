"""Subscriptions that outlive the connection that they were made on."""

from __future__ import annotations

import logging

from nats import errors

from streamworker.jetstream.client import ReadingClient, send_bytes
from streamworker.jetstream.reading import OnMessage
from streamworker.jetstream.wire import subscribe_line, unsubscribe_line

_logger = logging.getLogger(__name__)


class Subscription:
    """One subject, on whichever client there is."""

    def __init__(self, subscriptions: Subscriptions, subject: str, on_message: OnMessage) -> None:
        self.subject = subject
        self._all = subscriptions
        self._on_message = on_message
        self._client: ReadingClient | None = None
        self._sid = b""

    async def make(self, client: ReadingClient) -> None:
        """Make it on this client, once."""
        if self._client is client:
            return
        self._client = client
        self._sid = client.reader.listen(self._on_message)
        await send_bytes(client, subscribe_line(self.subject, self._sid))

    async def silence(self) -> None:
        """Have the server send nothing more. What it has sent already is handed over until `close`: all of it, once the connection was
        flushed."""
        self._all.forget(self)
        if self._client is not None and self._client.is_connected:
            try:
                await send_bytes(self._client, unsubscribe_line(self._sid))
            except errors.Error as error:  # the connection went down meanwhile, and the subscription with it
                _logger.debug("silencing %s: %s", self.subject, error)

    async def close(self) -> None:
        await self.silence()
        if self._client is not None:
            self._client.reader.forget(self._sid)


class Subscriptions:
    """All subscriptions of a connection."""

    def __init__(self) -> None:
        self._subscriptions: list[Subscription] = []

    async def add(self, subject: str, on_message: OnMessage, client: ReadingClient | None) -> Subscription:
        """client: the present one, where there is one."""
        subscription = Subscription(self, subject, on_message)
        self._subscriptions.append(subscription)
        if client is not None:
            try:
                await subscription.make(client)
            except errors.ConnectionClosedError:
                _logger.debug("subscribing %s waits for the next connection", subject)
        return subscription

    async def make(self, client: ReadingClient) -> None:
        """Make them all on this client."""
        for subscription in tuple(self._subscriptions):
            await subscription.make(client)

    def forget(self, subscription: Subscription) -> None:
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)
