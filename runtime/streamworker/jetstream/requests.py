"""Requests and their answers: one inbox for all, a token for each, always a deadline."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from streamworker.errors import BrokerError, ConnectionLost
from streamworker.jetstream.messages import Message

if TYPE_CHECKING:
    from streamworker.jetstream.connection import Connection
    from streamworker.jetstream.subscriptions import Subscription

NO_RESPONDERS = 503


class Requests:
    """Asks over a connection. For what is asked now and then: the fast paths have their own tokens."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._inbox = f"{connection.new_inbox()}."
        self._subscription: Subscription | None = None
        self._opening = asyncio.Lock()
        self._count = 0
        connection.watch(self)
        self._waiting: dict[str, tuple[str, asyncio.Future[Message]]] = {}

    async def ask(
        self, subject: str, payload: bytes = b"", *, headers: dict[str, str] | None = None, within: float | None = None
    ) -> Message:
        """The first answer. Raises ConnectionLost if none comes in time (default: the connection's `request_timeout`), and BrokerError
        if nobody listens there (code 503) or we are not permitted to ask."""
        await self._open()
        self._count += 1
        token = str(self._count)
        answer = asyncio.get_running_loop().create_future()
        self._waiting[token] = (subject, answer)
        self._connection.outbox.send(subject, payload, self._inbox + token, headers, self._refused)
        try:
            message = await self._answer(subject, answer, within)
        finally:
            del self._waiting[token]
            if (
                not self._connection.connected
            ):  # not after its deadline, and not one more for every try of a long outage
                self._connection.outbox.withdraw(lambda write: write[2] == self._inbox + token)
        if status_of(message) == NO_RESPONDERS:
            raise BrokerError(subject, NO_RESPONDERS, "nobody answers there")
        return message

    def connected(self) -> None:
        """What was asked before is not asked again: who asked has a deadline, and knows whether asking twice is safe."""

    def disconnected(self) -> None:
        """Answers to what was asked before may still come, after the next connect."""

    def forbidden(self, subject: str) -> None:
        for token, (asked, _) in tuple(self._waiting.items()):
            if asked.lower() == subject:
                self._fail(token, "the server does not permit this request")

    async def _answer(self, subject: str, answer: asyncio.Future[Message], within: float | None) -> Message:
        seconds = self._connection.options.request_timeout if within is None else within
        try:
            async with asyncio.timeout(seconds):
                return await answer
        except TimeoutError:
            reason = self._connection.waiting or f"no answer to {subject}"
            raise ConnectionLost(self._connection.url, seconds, reason) from None

    async def _open(self) -> None:
        async with self._opening:
            if self._subscription is None:
                self._subscription = await self._connection.subscribe(f"{self._inbox}*", self._on_message)

    def _on_message(self, message: Message) -> None:
        _, answer = self._waiting.get(message.subject[len(self._inbox) :], (None, None))
        if answer is not None and not answer.done():
            answer.set_result(message)

    def _refused(self, reply: str, reason: str) -> None:
        self._fail(reply[len(self._inbox) :], f"can't be sent: {reason}")

    def _fail(self, token: str, problem: str) -> None:
        asked, answer = self._waiting.get(token, ("", None))
        if answer is not None and not answer.done():
            answer.set_exception(BrokerError(asked, 0, problem))


def status_of(message: Message) -> int | None:
    """The status of a message that the server itself wrote; None for any other, such as a stored one with a header of that name."""
    if message.data or not message.headers or "Nats-Sequence" in message.headers:
        return None
    status = message.headers.get("Status", "")
    return int(status) if status.isdigit() else None
