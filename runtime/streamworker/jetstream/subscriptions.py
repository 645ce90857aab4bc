"""Subscriptions that outlive the connection that they were made on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from nats import errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription as ClientSubscription

from streamworker.jetstream.client import silence

_logger = logging.getLogger(__name__)

OnMessage: TypeAlias = Callable[[Msg], Awaitable[None]]
"""Takes a message. An async function, as the client wants it, that never suspends."""


class Subscription:
    """One subject, on whichever client there is."""

    def __init__(self, subscriptions: Subscriptions, subject: str, on_message: OnMessage) -> None:
        self.subject = subject
        self._all = subscriptions
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

    async def silence(self) -> None:
        """Have the server send nothing more. What it has sent already is handed over until `close`; see `handed_over`."""
        self._all.forget(self)
        if self._made is not None and self._client is not None and self._client.is_connected:
            try:
                await silence(self._client, self._made)
            except errors.Error as error:  # the connection went down meanwhile, and the subscription with it
                _logger.debug("silencing %s: %s", self.subject, error)

    async def handed_over(self) -> None:
        """Return when all that has come in was handed over."""
        while self._made is not None and self._made.pending_msgs:  # noqa: ASYNC110
            await asyncio.sleep(0)  # the client has no event for it

    async def close(self) -> None:
        self._all.forget(self)
        if self._made is not None and self._client is not None and self._client.is_connected:
            try:
                await self._made.unsubscribe()
            except errors.Error as error:
                _logger.debug("unsubscribing %s: %s", self.subject, error)


class Subscriptions:
    """All subscriptions of a connection."""

    def __init__(self) -> None:
        self._subscriptions: list[Subscription] = []

    async def add(self, subject: str, on_message: OnMessage, client: Client | None) -> Subscription:
        """client: the present one, where there is one."""
        subscription = Subscription(self, subject, on_message)
        self._subscriptions.append(subscription)
        if client is not None:
            try:
                await subscription.make(client)
            except errors.ConnectionClosedError:
                _logger.debug("subscribing %s waits for the next connection", subject)
        return subscription

    async def make(self, client: Client) -> None:
        """Make them all on this client."""
        for subscription in tuple(self._subscriptions):
            await subscription.make(client)

    def forget(self, subscription: Subscription) -> None:
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)
