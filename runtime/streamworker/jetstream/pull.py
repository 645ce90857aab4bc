"""The pull loop: keeps as many deliveries on their way from a consumer as the worker wants, and knows when none will come.

How a pull ends, and what each status says: NATS ADR-13 (pull subscriptions), ADR-42 (priority groups); research in the docs.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import re
from contextlib import suppress
from typing import Protocol

from streamworker.errors import ConnectionLost
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.instants import to_nanoseconds
from streamworker.jetstream.messages import Message
from streamworker.jetstream.subscriptions import Subscription

_logger = logging.getLogger(__name__)
_LARGEST_BATCH = 512
_UNDER_WAY = 16 * 1024 * 1024  # bytes: a server cuts off a client that has 64 MB to read (its `max_pending`)
_IN_A_PULL = 4 * 1024 * 1024  # bytes, where sizes change of a sudden; never less than two of the largest messages
_EXPIRES = 30.0
_EXPIRES_PINNED = 10.0  # each pull renews the pin
_EXPIRES_FLOWING = 0.5  # a stop waits for the open pulls to end: the only way to know that nothing is on its way
_HEARTBEAT = 5.0
_LOOK_EVERY = _HEARTBEAT / 2
_SILENT_LOOKS = 4  # two missed heartbeats
_SHORTEST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0
_LIMIT = re.compile(r"exceeded maxrequestbatch of (\d+)", re.IGNORECASE)
PRIORITY_GROUP = "streamworker"
PIN_ID = "Nats-Pin-Id"


class PullUser(Protocol):
    """Whoever pulls. None of these blocks or raises."""

    def deliver(self, message: Message, /) -> None:
        """Take a delivery."""

    def demand(self) -> int:
        """How many more it would hold now."""

    def gone(self, reason: str, /) -> None:
        """There may be no consumer any more; nothing is pulled until `start`."""


class Pulls:
    """The pull requests on one consumer. `waiting` says why nothing comes, where the server told."""

    def __init__(
        self, connection: Connection, stream: str, consumer: str, user: PullUser, *, pinned: bool = False
    ) -> None:
        self.waiting = ""
        self.alive = True  # whether the server gave a sign lately
        self._connection = connection
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"
        self._user = user
        self._group = {"group": PRIORITY_GROUP} if pinned else {}
        self._pin = ""
        self._inbox = f"{connection.new_inbox()}."
        self._subscription: Subscription | None = None
        self._running = False
        self._waking = False
        self._largest = _LARGEST_BATCH
        self._count = 0
        self._asked: dict[str, int] = {}  # how many each open pull asked for
        self._coming = 0  # how many may still come, of all open pulls
        self._bytes = 0  # of a message, on the average of late
        self._refill_at = 0
        self._seen = True
        self._flowing = self._flowed = True  # whether deliveries came since the last look, and before it
        self._ended = asyncio.Event()
        self._silent = 0
        self._failures = 0
        self._timer: asyncio.TimerHandle | None = None
        self._later: asyncio.TimerHandle | None = None

    @property
    def pinned(self) -> bool:
        """Whether the server gave this process the pin, as far as it knows."""
        return bool(self._pin)

    async def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._subscription = await self._connection.subscribe(f"{self._inbox}*", self._on_message)
        self._timer = self._loop.call_later(_LOOK_EVERY, self._look)

    async def drain(self) -> None:
        """Pull no more, and return when all that was on its way is delivered."""
        await self._run_out()
        self.stop()
        if self._subscription is None:
            return
        await self._subscription.silence()
        if not self._connection.connected:
            return  # what was on its way is lost, and whoever stops need not wait for a server that is gone
        try:
            await self._connection.flush(self._connection.options.request_timeout)
        except ConnectionLost as lost:
            _logger.debug("what is on its way may still come: %s", lost)

    async def close(self) -> None:
        self.stop()
        if self._timer is not None:
            self._timer.cancel()
        if self._subscription is not None:
            await self._subscription.close()

    def start(self) -> None:
        """Pull, from scratch: the consumer is there, and knows of no pull of ours."""
        self._running = True
        self.waiting = ""
        self._restart()

    def stop(self) -> None:
        """Pull no more. What is on its way may still come."""
        self._running = False
        self._withdraw()
        self._asked.clear()
        self._coming = self._refill_at = 0
        self._ended.set()
        if self._later is not None:
            self._later.cancel()

    def wake(self) -> None:
        """Refill soon: once for all that is settled at the same time."""
        if not self._waking:
            self._waking = True
            self._loop.call_soon(self._woken)

    def refill(self) -> None:
        """Ask for as many as are wanted and not on their way yet."""
        if not self._running:
            return
        wanted = min(self._user.demand(), _UNDER_WAY // max(1, self._bytes) + 1) - self._coming
        while wanted > 0:
            batch = min(wanted, self._largest)
            self._pull(batch)
            wanted -= batch
        self._refill_at = self._coming // 2

    def forbidden(self, subject: str) -> None:
        if subject == self._subject.lower():
            self._fail("the server does not permit pulling from this consumer")

    async def _run_out(self) -> None:
        """Let the open pulls end, where deliveries flow: filled, or expired. Without a subscription the server drops what it had on its
        way (it looks for one when it takes a message up, and sends a moment later), and that would come again after ack_wait."""
        self._running = False
        self._refill_at = 0
        self._withdraw()
        if not self._coming or not (self._flowing or self._flowed):
            return
        self._ended.clear()
        with suppress(TimeoutError):  # a longer pull, of a time when nothing flowed
            async with asyncio.timeout(2 * _EXPIRES_FLOWING):
                await self._ended.wait()

    def _withdraw(self) -> None:
        """Take back pulls that the server has not heard of."""
        for write in self._connection.outbox.withdraw(lambda write: write[1].startswith(self._inbox)):
            self._coming -= min(self._asked.pop(write[1][len(self._inbox) :], 0), self._coming)

    def _woken(self) -> None:
        self._waking = False
        self.refill()

    def _pull(self, batch: int) -> None:
        self._count += 1
        token = str(self._count)
        self._asked[token] = batch
        self._coming += batch
        pin = {"id": self._pin} if self._pin else {}
        most = max(_IN_A_PULL, 2 * self._connection.outbox.max_payload)
        body = json.dumps({"batch": batch, "max_bytes": most, **self._lifetime(), **self._group, **pin}).encode()
        self._connection.outbox.send(self._subject, body, self._inbox + token)

    def _lifetime(self) -> dict[str, int]:
        if self._flowing or self._flowed:
            return {"expires": to_nanoseconds(_EXPIRES_FLOWING)}
        expires = _EXPIRES_PINNED if self._group else _EXPIRES
        return {"expires": to_nanoseconds(expires), "idle_heartbeat": to_nanoseconds(_HEARTBEAT)}

    def _on_message(self, message: Message) -> None:
        self._seen = True
        if not message.reply:
            self._on_status(message)
            return
        self._flowing = True
        self._bytes += (len(message.data) - self._bytes) >> 4
        self._coming -= 1
        if self._group and message.headers:
            self._pin = message.headers.get(PIN_ID, self._pin)
        self._user.deliver(message)
        if self._coming <= self._refill_at:
            self._came()

    def _came(self) -> None:
        self._failures = 0
        self.waiting = ""
        if self._coming <= 0:
            self._coming = 0
            self._asked.clear()
            self._ended.set()
        self.refill()

    def _on_status(self, message: Message) -> None:
        headers = message.headers or {}
        status, text = headers.get("Status", ""), headers.get("Description", "")
        token = message.subject[len(self._inbox) :]
        if status == "100":
            return
        if token not in self._asked:
            return  # of a pull that we gave up
        self._end(token, headers.get("Nats-Pending-Messages", ""))
        match status:
            case "408" | "404":  # it expired, or nothing was there
                self.refill()
            case "409":
                self._on_conflict(text)
            case "423":  # another one is pinned now
                self._pin = ""
                self.refill()
            case "503":
                self._gone("nobody answers for the consumer")
            case _:
                self._gone(f"the server refused to be pulled from: {status} {text}")

    def _on_conflict(self, text: str) -> None:
        said = text.lower()
        if "deleted" in said or "push based" in said:
            self._gone(text)
        elif limit := _LIMIT.match(said):
            self._largest = int(limit[1])
            self.refill()
        elif "batch completed" in said or "maxbytes" in said:
            self.refill()
        else:  # leadership change, server shutdown, too many pulls waiting, and what later servers may say
            self._fail(text)

    def _end(self, token: str, left: str) -> None:
        asked = self._asked.pop(token)
        self._coming -= min(int(left) if left.isdigit() else asked, self._coming)
        if not self._asked:
            self._coming = 0
            self._ended.set()

    def _fail(self, reason: str) -> None:
        """Pull again, after a pause."""
        self.waiting = reason
        self._asked.clear()
        self._coming = self._refill_at = 0
        if self._later is not None:
            self._later.cancel()
        pause = min(_SHORTEST_PAUSE * 2**self._failures, _LONGEST_PAUSE)
        self._failures = min(self._failures + 1, 16)
        self._later = self._loop.call_later(pause * random.uniform(0.5, 1.0), self.refill)

    def _gone(self, reason: str) -> None:
        self.stop()
        self.waiting = reason
        self._user.gone(reason)

    def _restart(self) -> None:
        self._asked.clear()
        self._coming = self._refill_at = self._silent = 0
        self._pin = ""
        self.refill()

    def _look(self) -> None:
        """Now and then: are our pulls still known to the server?"""
        self._timer = self._loop.call_later(_LOOK_EVERY, self._look)
        self._silent = 0 if self._seen or not self._asked else self._silent + 1
        self._seen = False
        self._flowing, self._flowed = False, self._flowing
        self.alive = self._silent < _SILENT_LOOKS
        if not self._asked:
            self.refill()  # the user may want some again, and not have said so
        if self.alive or not self._running or not self._connection.connected:
            return
        _logger.info("no heartbeat from %s; pulling again", self._subject)
        self.waiting = "no sign of the consumer"
        self._restart()
