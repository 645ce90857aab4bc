"""Publishing with the server's word that it is stored: many at once, each with a token, a deadline and as many tries as it takes."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import TypeAlias

from pydantic_core import from_json

from streamworker.errors import PublishRefused
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.messages import Message
from streamworker.jetstream.outbox import HEAD_ROOM, fits, size_on_wire
from streamworker.jetstream.subscriptions import Subscription
from streamworker.jetstream.wire import publish_line
from streamworker.sinks.base import OnStored, Output, Stored

_logger = logging.getLogger(__name__)
_SHORTEST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0
_SWEEP_EVERY = 0.5
_STORED = b'{"stream":'  # how a server begins its word; the other one begins with the error, or its type

# Errors that pass, whatever HTTP-like code they carry: a full stream, a full server, no leader, the same id in flight.
_PASSING = frozenset({10077, 10023, 10008, 10158, 10164, 10074, 10076, 10039})


_Pending: TypeAlias = tuple[Output, OnStored, int, float]
"""An output, who is told of its answer, how often it was refused for now, and when it is overdue. A tuple: 0.1 us instead of 0.3."""


class Publisher:
    """Publishes outputs with their ids, many at once. How many are under way is for its callers to bound.

    timeout: seconds until an output that was not confirmed is sent again, with the same id. surely: bytes that the server takes, with room
    left for the id.
    """

    def __init__(self, connection: Connection, *, timeout: float = 5.0) -> None:
        self.waiting = ""
        self.surely = 0
        self._connection = connection
        self._outbox = connection.outbox
        self._put = connection.outbox.put
        self._timeout = timeout
        self._inbox = f"{connection.new_inbox()}."
        self._token_at = len(self._inbox)
        self._count = 0
        self._pending: dict[str, _Pending] = {}  # in the order of their deadlines
        self._paused: dict[str, _Pending] = {}
        self._subscription: Subscription | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self._connected = False
        self._due = 0.0

    def __len__(self) -> int:
        """How many outputs are under way."""
        return len(self._pending) + len(self._paused)

    async def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._subscription = await self._connection.subscribe(f"{self._inbox}*", self._on_message)
        self._connection.watch(self)
        self._connected = self._connection.connected
        self.surely = self._outbox.max_payload - HEAD_ROOM
        self._sweep()

    async def close(self) -> None:
        """Give up what is under way: nobody is told of it any more."""
        self._connection.unwatch(self)
        if self._sweeper is not None:
            self._sweeper.cancel()
        self._pending.clear()
        self._paused.clear()
        if self._subscription is not None:
            await self._subscription.close()

    def check(self, output: Output) -> None:
        """Raise PublishRefused if it is larger than the server takes, headers included."""
        limit, headers = self._connection.outbox.max_payload, output.headers
        if fits(output.data, headers, self.surely):
            return
        size = size_on_wire(output.data, headers, output.id)
        if size > limit:
            problem = f"{size:,} bytes with its headers; the server takes {limit:,} (max_payload)"
            raise PublishRefused(output.subject, 0, problem)

    def publish(self, output: Output, on_stored: OnStored, token: str = "", tries: int = 0) -> None:
        """Send an output; see `EventSink.publish`, whose contract this is. An empty id means none: then a repetition is stored twice.
        token: of one that is sent again."""
        if not token:
            self._count += 1
            token = str(self._count)
        self._pending[token] = (output, on_stored, tries, self._due)
        if self._connected:
            subject, data, id, headers = output
            reply = self._inbox + token
            try:
                line = publish_line(subject, data, reply, headers, id)
            except ValueError as error:
                self._loop.call_soon(self._refuse, token, 0, str(error))
            else:
                self._put((subject, reply, line, self._never_sent))

    def connected(self) -> None:
        """What was under way on the lost connection may not have arrived: all of it is sent again."""
        self._connected = True
        self.surely = self._outbox.max_payload - HEAD_ROOM
        waiting, self._pending = self._pending, {}
        for token, (output, on_stored, tries, _) in waiting.items():
            self.publish(output, on_stored, token, tries)

    def disconnected(self) -> None:
        self._connected = False
        self._connection.outbox.withdraw(lambda write: write[1].startswith(self._inbox))

    def forbidden(self, subject: str) -> None:
        for token, (output, *_) in tuple(self._pending.items()):
            if output.subject.lower() == subject:
                self._again(token, f"the server does not permit publishing to {output.subject}")

    def _on_message(self, message: Message) -> None:
        token = message.subject[self._token_at :]
        if not message.data.startswith(_STORED):
            self._on_refusal(token, message.data)
        elif (pending := self._pending.pop(token, None) or self._paused.pop(token, None)) is not None:
            self.waiting = ""
            output, on_stored, _, _ = pending
            on_stored(output, Stored(message.data))

    def _on_refusal(self, token: str, data: bytes) -> None:
        if data:
            self._on_error(token, from_json(data)["error"])
        else:
            self._again(token, "no stream takes its subject")

    def _on_error(self, token: str, error: dict[str, int | str]) -> None:
        code, description = int(error.get("err_code", 0)), str(error.get("description", ""))
        if code in _PASSING or int(error.get("code", 500)) >= 500:
            self._again(token, f"{description} ({code})")
        else:
            self._refuse(token, code, description)

    def _again(self, token: str, reason: str) -> None:
        pending = self._pending.pop(token, None)
        if pending is None:
            return
        output, on_stored, tries, due = pending
        self._note(f"an output to {output.subject} is not stored: {reason}")
        pause = min(_SHORTEST_PAUSE * 2**tries, _LONGEST_PAUSE)
        self._paused[token] = (output, on_stored, min(tries + 1, 16), due)
        self._loop.call_later(pause * random.uniform(0.5, 1.0), self._resume, token)

    def _resume(self, token: str) -> None:
        pending = self._paused.pop(token, None)
        if pending is not None:
            output, on_stored, tries, _ = pending
            self.publish(output, on_stored, token, tries)

    def _never_sent(self, reply: str, reason: str) -> None:
        self._refuse(reply[self._token_at :], 0, reason)

    def _refuse(self, token: str, code: int, description: str) -> None:
        pending = self._pending.pop(token, None)
        if pending is not None:
            output, on_stored, _, _ = pending
            on_stored(output, PublishRefused(output.subject, code, description))

    def _sweep(self) -> None:
        """Also says when what is sent from now on is overdue: to half a second, since asking the clock for each took 0.2 us."""
        now = self._loop.time()
        if self._connected:
            late = []
            for token, (_, _, _, due) in self._pending.items():
                if due > now:
                    break
                late.append(token)
            for token in late:
                self._again(token, f"no word from the server in {self._timeout:g} s")
        self._due = now + _SWEEP_EVERY + self._timeout
        self._sweeper = self._loop.call_later(_SWEEP_EVERY, self._sweep)

    def _note(self, waiting: str) -> None:
        if not self.waiting:
            _logger.warning("%s; sent again until it is", waiting)
        self.waiting = waiting
