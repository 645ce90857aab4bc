"""One partition at work in this process: the feed of its consumer, whose deliveries come as the events that were copied."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from streamworker.delivery import Incoming, Settler
from streamworker.errors import ResourceConflict, StreamworkerError
from streamworker.jetstream.api import Api
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.copies import SOURCE_HEADER, filter_of, origin_in, subject_in
from streamworker.jetstream.feed import Feed
from streamworker.sources.base import ConsumerOptions, OpenSource, Receiver

_log = logging.getLogger("streamworker.partitions")


class Partition:
    """Opened at once, closed once. It is the receiver of its feed. created: when the stream that was copied was made. several: how many
    partitions share the worker's demand now."""

    def __init__(
        self,
        connection: Connection,
        copy: str,
        number: int,
        receiver: Receiver,
        options: ConsumerOptions,
        *,
        created: int,
        several: Callable[[], int],
    ) -> None:
        self.number = number
        self.closing = False
        self.feed = Feed(connection, Api(connection), copy, [filter_of(number)], self, options)
        self._copy = copy
        self._created = created
        self._incarnation = ""
        self._receiver = receiver
        self._several = several

    async def open(self) -> None:
        """Raises ResourceConflict, BrokerError or ConnectionLost."""
        try:
            await self.feed.start()
        except BaseException:
            await self.feed.close()
            raise

    async def close(self) -> None:
        """Finish what runs, give back the rest, and let another process have it."""
        await self._receiver.release(self.feed)
        try:
            await self.feed.settled()
        except StreamworkerError as trouble:
            _log.warning("what was said of partition %d may not have arrived: %s", self.number, trouble)
        await self.feed.close()

    # The receiver of its feed

    def receive(self, incoming: Incoming, /) -> None:
        try:
            origin, incarnation = origin_in(incoming.headers, self._created)
            incoming.subject = subject_in(incoming.subject)
        except ValueError as trouble:
            _log.error("a message of %s that the server has not copied is terminated: %s", self._copy, trouble)
            incoming.settler.term(incoming, "not a copied event")
            return
        if incarnation != (self._incarnation or incarnation):
            self._receiver.failed(_made_anew(self._copy, origin.stream))
            return
        self._incarnation = incarnation
        incoming.origin = origin
        incoming.headers = _own(incoming.headers)
        self._receiver.receive(incoming)

    def demand(self) -> int:
        return -(-self._receiver.demand() // max(1, self._several()))

    def lost(self, settler: Settler, reason: str, /) -> None:
        self._receiver.lost(settler, reason)

    async def release(self, part: OpenSource, /) -> None:
        await self._receiver.release(part)

    def failed(self, error: StreamworkerError, /) -> None:
        self._receiver.failed(error)


def _own(headers: Mapping[str, str] | None) -> Mapping[str, str] | None:
    """The event's headers as it was published with them."""
    return {name: value for name, value in (headers or {}).items() if name != SOURCE_HEADER} or None


def _made_anew(copy: str, source: str) -> ResourceConflict:
    return ResourceConflict(
        f"stream {copy}",
        f"stream {source}, which it is a copy of, was deleted and made anew",
        hint=f"remove the copy (nats stream rm {copy}); it is made anew at the next start",
    )
