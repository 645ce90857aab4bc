"""Requests and their answers: one inbox for all, a token for each, always a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streamworker.errors import BrokerError, ConnectionLost
from streamworker.jetstream.messages import Message

if TYPE_CHECKING:
    from streamworker.jetstream.connection import Connection
    from streamworker.jetstream.subscriptions import Subscription

NO_RESPONDERS = 503
NOT_PERMITTED = 403


@dataclass
class _Question:
    """is_last: whether no more answers follow this one."""

    subject: str
    is_last: Callable[[Message], bool]
    answered: asyncio.Future[None]
    answers: list[Message] = field(default_factory=list)


class Requests:
    """Asks over a connection. For what is asked now and then: the fast paths have their own tokens."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._inbox = f"{connection.new_inbox()}."
        self._subscription: Subscription | None = None
        self._opening = asyncio.Lock()
        self._count = 0
        connection.watch(self)
        self._waiting: dict[str, _Question] = {}

    async def ask(
        self, subject: str, payload: bytes = b"", *, headers: dict[str, str] | None = None, within: float | None = None
    ) -> Message:
        """The first answer. Raises ConnectionLost if none comes in time (default: the connection's `request_timeout`), and BrokerError
        if nobody listens there (code 503) or we are not permitted to ask (403)."""
        (message,) = await self.ask_all(subject, payload, _any, headers=headers, within=within)
        return message

    async def ask_all(
        self,
        subject: str,
        payload: bytes,
        is_last: Callable[[Message], bool],
        *,
        headers: dict[str, str] | None = None,
        within: float | None = None,
    ) -> Sequence[Message]:
        """All answers up to the one that `is_last`, that one included. Raises as `ask` does."""
        await self._open()
        self._count += 1
        token = str(self._count)
        question = _Question(subject, is_last, asyncio.get_running_loop().create_future())
        self._waiting[token] = question
        self._connection.outbox.send(subject, payload, self._inbox + token, headers, self._refused)
        try:
            await self._answer(question, within)
        finally:
            del self._waiting[token]
            if (
                not self._connection.connected
            ):  # not after its deadline, and not one more for every try of a long outage
                self._connection.outbox.withdraw(lambda write: write[1] == self._inbox + token)
        if status_of(question.answers[0]) == NO_RESPONDERS:
            raise BrokerError(subject, NO_RESPONDERS, "nobody answers there")
        return question.answers

    def connected(self) -> None:
        """What was asked before is not asked again: who asked has a deadline, and knows whether asking twice is safe."""

    def disconnected(self) -> None:
        """Answers to what was asked before may still come, after the next connect."""

    def forbidden(self, subject: str) -> None:
        for token, question in tuple(self._waiting.items()):
            if question.subject.lower() == subject:
                self._fail(token, "the server does not permit this request", NOT_PERMITTED)

    async def _answer(self, question: _Question, within: float | None) -> None:
        seconds = self._connection.options.request_timeout if within is None else within
        try:
            async with asyncio.timeout(seconds):
                await question.answered
        except TimeoutError:
            reason = self._connection.waiting or f"no answer to {question.subject}"
            raise ConnectionLost(self._connection.url, seconds, reason) from None

    async def _open(self) -> None:
        async with self._opening:
            if self._subscription is None:
                self._subscription = await self._connection.subscribe(f"{self._inbox}*", self._on_message)

    def _on_message(self, message: Message) -> None:
        question = self._waiting.get(message.subject[len(self._inbox) :])
        if question is None or question.answered.done():
            return
        question.answers.append(message)
        if question.is_last(message) or status_of(message) == NO_RESPONDERS:
            question.answered.set_result(None)

    def _refused(self, reply: str, reason: str) -> None:
        self._fail(reply[len(self._inbox) :], f"can't be sent: {reason}")

    def _fail(self, token: str, problem: str, code: int = 0) -> None:
        question = self._waiting.get(token)
        if question is not None and not question.answered.done():
            question.answered.set_exception(BrokerError(question.subject, code, problem))


def _any(_answer: Message) -> bool:
    return True


def status_of(message: Message) -> int | None:
    """The status of a message that the server itself wrote; None for any other, such as a stored one with a header of that name."""
    if message.data or not message.headers or "Nats-Sequence" in message.headers:
        return None
    status = message.headers.get("Status", "")
    return int(status) if status.isdigit() else None
