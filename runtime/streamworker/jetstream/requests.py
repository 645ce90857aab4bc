"""Requests and their answers: one inbox for all, a token for each, always a deadline."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from nats.aio.msg import Msg

from streamworker.errors import BrokerError, ConnectionLost

if TYPE_CHECKING:
    from streamworker.jetstream.connection import Connection, Subscription

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
        self._waiting: dict[str, tuple[str, asyncio.Queue[Msg | Exception]]] = {}

    async def ask(
        self, subject: str, payload: bytes = b"", *, headers: dict[str, str] | None = None, within: float | None = None
    ) -> Msg:
        """The first answer. Raises ConnectionLost if none comes in time (default: the connection's `request_timeout`), and BrokerError
        if nobody listens there (code 503) or we are not permitted to ask."""
        answers, token = await self._send(subject, payload, headers)
        try:
            return await self._next(subject, answers, within)
        finally:
            del self._waiting[token]

    async def ask_many(self, subject: str, payload: bytes, *, within: float | None = None) -> list[Msg]:
        """All answers up to the first that is a mere status, which is left out. `within` counts for each. Raises as `ask` does."""
        answers, token = await self._send(subject, payload, None)
        found: list[Msg] = []
        try:
            while status_of(message := await self._next(subject, answers, within)) is None:
                found.append(message)
        finally:
            del self._waiting[token]
        return found

    def connected(self) -> None:
        """What was asked before is not asked again: who asked has a deadline, and knows whether asking twice is safe."""

    def disconnected(self) -> None:
        """Answers to what was asked before may still come, after the next connect."""

    def forbidden(self, subject: str) -> None:
        for asked, answers in self._waiting.values():
            if asked.lower() == subject:
                answers.put_nowait(BrokerError(asked, 0, "the server does not permit this request"))

    async def _send(
        self, subject: str, payload: bytes, headers: dict[str, str] | None
    ) -> tuple[asyncio.Queue[Msg | Exception], str]:
        await self._open()
        self._count += 1
        token = str(self._count)
        answers: asyncio.Queue[Msg | Exception] = asyncio.Queue()
        self._waiting[token] = (subject, answers)
        self._connection.outbox.send(subject, payload, self._inbox + token, headers, self._refused)
        return answers, token

    async def _next(self, subject: str, answers: asyncio.Queue[Msg | Exception], within: float | None) -> Msg:
        seconds = self._connection.options.request_timeout if within is None else within
        try:
            async with asyncio.timeout(seconds):
                answer = await answers.get()
        except TimeoutError:
            reason = self._connection.waiting or f"no answer to {subject}"
            raise ConnectionLost(self._connection.url, seconds, reason) from None
        if isinstance(answer, Exception):
            raise answer
        if status_of(answer) == NO_RESPONDERS:
            raise BrokerError(subject, NO_RESPONDERS, "nobody answers there")
        return answer

    async def _open(self) -> None:
        async with self._opening:
            if self._subscription is None:
                self._subscription = await self._connection.subscribe(f"{self._inbox}*", self._on_message)

    async def _on_message(self, message: Msg) -> None:
        if waiting := self._waiting.get(message.subject[len(self._inbox) :]):
            waiting[1].put_nowait(message)

    def _refused(self, reply: str, reason: str) -> None:
        if waiting := self._waiting.get(reply[len(self._inbox) :]):
            waiting[1].put_nowait(BrokerError(waiting[0], 0, f"can't be sent: {reason}"))


def status_of(message: Msg) -> int | None:
    """The status of a message that the server itself wrote; None for any other, such as a stored one with a header of that name."""
    if message.data or not message.headers or "Nats-Sequence" in message.headers:
        return None
    status = message.headers.get("Status", "")
    return int(status) if status.isdigit() else None
