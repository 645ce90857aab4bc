"""Deliveries of one durable consumer to one worker: pulled, settled, and given up when it is no longer the same consumer."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Mapping, Sequence

from streamworker.delivery import Incoming, Origin, made
from streamworker.errors import BrokerError, ConnectionLost, StreamworkerError
from streamworker.jetstream.api import CONSUMER_NOT_FOUND, STREAM_NOT_FOUND, Api
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.consumer import ensure_consumer
from streamworker.jetstream.messages import Message, headers_of
from streamworker.jetstream.pull import PRIORITY_GROUP, Pulls
from streamworker.jetstream.settling import Settling
from streamworker.sources.base import ConsumerOptions, Receiver, SourceHealth
from streamworker.sources.beside import beside

_logger = logging.getLogger(__name__)
_LOOK_EVERY = 10.0
_SHORTEST_PAUSE = 0.2
_LONGEST_PAUSE = 5.0
_SHORT_REPLY = 9  # tokens of a reply without domain and account; 11 or 12 with them (ADR-15)


class Feed:
    """A JetStream source at work: see `OpenSource`, whose contract this is. Also the user of its pulls and the observer of its
    connection."""

    def __init__(
        self,
        connection: Connection,
        api: Api,
        stream: str,
        filters: Sequence[str],
        receiver: Receiver,
        options: ConsumerOptions,
    ) -> None:
        self._connection = connection
        self._api = api
        self._stream = stream
        self._filters = filters
        self._receiver = receiver
        self._options = options
        self._pulls = Pulls(connection, stream, options.durable, self, pinned=options.pinned)
        self._settling = Settling(connection.outbox, stream, options.durable)
        self.ack, self.nak, self.term = self._settling.ack, self._settling.nak, self._settling.term
        self.in_progress = self._settling.in_progress
        self._stream_created = 0
        self._consumer_created = 0
        self._floor = 0  # all events of the consumer up to this sequence are settled
        self._backlog = 0  # as the server said; what was delivered since says it better
        self._last_reply = ""
        self._stopped = False
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Find or make the consumer and pull from it. Raises ResourceConflict, BrokerError or ConnectionLost."""
        await self._find()
        await self._pulls.open()
        self._connection.watch(self)
        self._pulls.start()
        self._tasks = [beside(self._look(), self._receiver, "look after the consumer")]

    @property
    def identity(self) -> str:
        return f"{self._stream} {self._stream_created} {self._options.durable} {self._consumer_created}"

    async def origins(self, replies: Sequence[str], /) -> Mapping[str, Origin]:
        return {reply: Origin(self._stream, self._stream_created, sequence_of(reply)) for reply in replies}

    def handed_out(self, reply: str, /) -> int:
        tokens = reply.split(".")
        return int(tokens[6 if len(tokens) == _SHORT_REPLY else 8])

    async def outstanding(self) -> int:
        return (await self._api.consumer_info(self._stream, self._options.durable)).unsettled

    def give_back(self, replies: Sequence[str], /) -> None:
        for reply in replies:
            self._settling.give_back(reply)
        if (
            self._options.pinned
        ):  # most likely by the dead one; where not, the living one is pinned again, or hands over in order
            self._tasks.append(beside(self._hand_over(), self._receiver, "unpin the dead"))

    def wake(self) -> None:
        self._pulls.wake()

    async def stop(self) -> None:
        self._stopped = True
        await self._pulls.drain()

    async def written(self) -> None:
        await self._connection.outbox.written()

    async def settled(self) -> None:
        within = self._connection.options.request_timeout
        if self._settling.held and (finding := self._tasks[1:]):
            await asyncio.wait(finding, timeout=within)
        if self._settling.held:
            raise ConnectionLost(
                self._connection.url, within, self.health().waiting or "it is unsure which consumer is there"
            )
        await self._connection.flush(within)

    async def close(self) -> None:
        self._connection.unwatch(self)
        for task in self._tasks:
            task.cancel()
        if self._pulls.pinned and self._connection.connected:
            await self._hand_over()
        await self._pulls.close()

    async def drained(self) -> bool:
        info = await self._api.consumer_info(self._stream, self._options.durable)
        return info.pending == 0 and info.unsettled == 0

    def health(self) -> SourceHealth:
        return SourceHealth(
            connected=self._connection.connected and self._pulls.alive,
            waiting=self._connection.waiting or self._pulls.waiting,
            backlog=_backlog(self._last_reply) if self._last_reply else self._backlog,
        )

    # The user of its pulls

    def demand(self) -> int:
        return self._receiver.demand()

    def deliver(self, message: Message, /) -> None:
        self._last_reply = reply = message.reply
        tokens = reply.split(".")
        at = 4 if len(tokens) == _SHORT_REPLY else 6
        headers = headers_of(message.head) if message.head else None
        origin = made(Origin, (self._stream, self._stream_created, int(tokens[at + 1])))
        self._receiver.receive(Incoming(message.subject, message.data, headers, origin, self, reply, int(tokens[at])))

    def gone(self, reason: str, /) -> None:
        self._pulls.stop()
        self._settling.hold()
        self._find_again(reason)

    # The observer of its connection

    def connected(self) -> None:
        self._find_again("the connection was lost")

    def disconnected(self) -> None:
        self._pulls.stop()
        self._settling.hold()

    def forbidden(self, subject: str) -> None:
        self._pulls.forbidden(subject)

    # Which stream and consumer are there

    async def _find(self) -> None:
        """Find the stream, and the consumer, which is made if it is missing. Are they not those of before: a new life begins."""
        stream = await self._find_stream()
        consumer = await ensure_consumer(self._api, self._stream, self._filters, self._options, after=self._floor)
        if consumer.created != self._consumer_created:
            self._give_up(f"consumer {self._options.durable} of stream {self._stream} was made anew")
        self._stream_created, self._consumer_created, self._floor = stream, consumer.created, consumer.floor
        self._backlog, self._last_reply = consumer.pending, ""
        self._settling.release()

    async def _find_stream(self) -> int:
        try:
            created = (await self._api.stream_info(self._stream)).created
        except BrokerError as error:
            if error.code == STREAM_NOT_FOUND:
                self._give_up(f"stream {self._stream} was deleted")
                self._floor = 0
            raise
        if created != self._stream_created:
            self._give_up(f"stream {self._stream} was made anew")
            self._floor = 0
        return created

    def _give_up(self, reason: str) -> None:
        """What is held belongs to nothing any more; said once in a life."""
        if not self._consumer_created:
            return
        self._stream_created = self._consumer_created = 0
        _logger.warning("%s: what was held of it is given up", reason)
        self._settling.drop()
        self._receiver.lost(self, reason)

    async def _hand_over(self) -> None:
        """Another process need not wait until the pin runs out."""
        try:
            await self._api.unpin(self._stream, self._options.durable, PRIORITY_GROUP)
        except StreamworkerError as error:
            _logger.debug("the pin will run out by itself: %s", error)

    def _find_again(self, reason: str) -> None:
        for task in self._tasks[1:]:
            task.cancel()
        self._tasks[1:] = [beside(self._find_until_found(reason), self._receiver, "find the consumer again")]

    async def _find_until_found(self, reason: str) -> None:
        pause = _SHORTEST_PAUSE
        while True:
            try:
                await self._find()
                break
            except StreamworkerError as error:
                self._pulls.waiting = f"{reason}; {error}"
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(2 * pause, _LONGEST_PAUSE)
        if not self._stopped:
            self._pulls.start()

    async def _look(self) -> None:
        """Now and then: is it the same consumer? And how far is it, in case that it has to be made again?"""
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            try:
                info = await self._api.consumer_info(self._stream, self._options.durable)
            except BrokerError as error:
                if error.code in (CONSUMER_NOT_FOUND, STREAM_NOT_FOUND) and self._consumer_created:
                    self.gone(error.description)
            except StreamworkerError as error:
                _logger.debug("looking after the consumer: %s", error)
            else:
                self._floor = max(self._floor, info.floor) if info.created == self._consumer_created else self._floor
                self._backlog, self._last_reply = info.pending, ""
                if self._consumer_created not in (0, info.created):
                    self.gone("the consumer was made anew")


def sequence_of(reply: str) -> int:
    """A delivery's sequence in its stream."""
    tokens = reply.split(".")
    return int(tokens[5 if len(tokens) == _SHORT_REPLY else 7])


def consumer_of(reply: str) -> str:
    """The consumer that handed out a delivery."""
    tokens = reply.split(".")
    return tokens[3 if len(tokens) == _SHORT_REPLY else 5]


def _backlog(reply: str) -> int:
    """How many messages wait behind a delivery, by its reply subject."""
    tokens = reply.split(".")
    return int(tokens[8 if len(tokens) == _SHORT_REPLY else 10])
