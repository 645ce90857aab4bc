"""An ordered worker's events in partitions that its processes share: each partition is a consumer of its own, on a copy of the source stream.

Of each partition one process at a time is handed deliveries, as of a whole source without partitions: its consumer is pinned. Which process
opens which is agreed on in `members`. One that loses a partition finishes what runs of it, gives back the rest, and lets go of the pin; who
takes over lets nothing in before all that is unsettled of it is in its own hands (the gate of the engine).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from hashlib import blake2b

from streamworker.delivery import Incoming, Origin
from streamworker.errors import BrokerError, ConnectionLost, ResourceConflict, StreamworkerError
from streamworker.jetstream.api import STREAM_NOT_FOUND, Api
from streamworker.jetstream.buckets import KeyValue
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.consumer import ensure_consumer
from streamworker.jetstream.copies import filter_of, origin_in, split_of
from streamworker.jetstream.copying import Copy, Copying
from streamworker.jetstream.feed import consumer_of, sequence_of
from streamworker.jetstream.forbidden import forbidden
from streamworker.jetstream.pull import PRIORITY_GROUP
from streamworker.sources.base import ConsumerOptions, Receiver, SourceHealth
from streamworker.sources.beside import beside
from streamworker.sources.members import BEAT, Members, shares
from streamworker.sources.partition import Partition
from streamworker.subject import Decodes

_log = logging.getLogger("streamworker.partitions")


class PartitionedFeed:
    """A partitioned source at work: see `OpenSource`, whose contract this is. A delivery's settler is the feed of its partition."""

    def __init__(
        self,
        connection: Connection,
        stream: str,
        subjects: Sequence[Decodes[object]],
        receiver: Receiver,
        options: ConsumerOptions,
    ) -> None:
        assert options.partitions is not None
        split = split_of(subjects, options.partitions.key, options.partitions.count)
        self.identity = ""
        self._connection = connection
        self._api = Api(connection)
        self._stream = stream
        self._receiver = receiver
        self._options = options
        self._copying = Copying(self._api, stream, split, options)
        self._members = Members(KeyValue(connection, options.partitions.bucket), options.durable)
        self._count = 0  # of the partitions that there are now
        self._created = 0
        self._lag = 0
        self._waiting = ""
        self._open: dict[int, Partition] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._tending: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Find or make the copy and its consumers, and open what is ours. Raises ResourceConflict, BrokerError or ConnectionLost."""
        copy = await self._copying.ensure()
        self._created = copy.state.created
        created = await self._ensure_consumers(copy.state.split.count)
        self.identity = f"{self._copying.name} {copy.info.created} {self._options.durable} {created}"
        await self._share(copy)
        self._tending = beside(self._tend(), self._receiver, "share partitions")

    # The verbs of a settler are each partition's own: nothing is settled here.

    def ack(self, incoming: Incoming, /) -> None:
        raise NotImplementedError("the feed of its partition settles a delivery")

    def nak(self, incoming: Incoming, delay: float, /) -> None:
        raise NotImplementedError("the feed of its partition settles a delivery")

    def term(self, incoming: Incoming, reason: str, /) -> None:
        raise NotImplementedError("the feed of its partition settles a delivery")

    def in_progress(self, incoming: Incoming, /) -> None:
        raise NotImplementedError("the feed of its partition settles a delivery")

    def handed_out(self, _reply: str, /) -> int:
        raise NotImplementedError("each partition counts by itself")

    async def outstanding(self) -> int:
        raise NotImplementedError("each partition counts by itself")

    async def origins(self, replies: Sequence[str], /) -> Mapping[str, Origin]:
        found = {reply: await self._api.message(self._copying.name, sequence_of(reply)) for reply in replies}
        return {reply: origin_in(each.headers, self._created)[0] for reply, each in found.items() if each is not None}

    def give_back(self, replies: Sequence[str], /) -> None:
        for reply in replies:
            self._connection.outbox.send(reply, b"-NAK")
        for consumer in {consumer_of(reply) for reply in replies}:  # pinned by the dead one, most likely
            self._beside(self._unpin(consumer))

    def wake(self) -> None:
        for partition in self._open.values():
            partition.feed.wake()

    async def stop(self) -> None:
        if self._tending is not None:
            self._tending.cancel()
        await asyncio.gather(self._say_farewell(), *(partition.feed.stop() for partition in self._open.values()))

    async def written(self) -> None:
        await self._connection.outbox.written()

    async def settled(self) -> None:
        """Also what was given back of partitions that are not open here."""
        await asyncio.gather(*(partition.feed.settled() for partition in self._open.values()))
        await self._connection.flush(self._connection.options.request_timeout)

    async def close(self) -> None:
        for task in (*self._tasks, *([self._tending] if self._tending else [])):
            task.cancel()
        await asyncio.gather(*(partition.feed.close() for partition in self._open.values()))

    async def drained(self) -> bool:
        copy = await self._copying.look()
        return await self._copying.is_complete(copy) and await self._copying.is_settled(copy.state.split.count)

    def health(self) -> SourceHealth:
        found = [partition.feed.health() for partition in self._open.values()]
        return SourceHealth(
            connected=self._connection.connected and all(each.connected for each in found),
            waiting=self._connection.waiting
            or self._waiting
            or next((each.waiting for each in found if each.waiting), ""),
            backlog=self._lag + sum(each.backlog or 0 for each in found),
        )

    # Whose the partitions are

    async def _tend(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            try:
                await self._look()
            except ResourceConflict as conflict:
                self._receiver.failed(conflict)
                return
            except StreamworkerError as trouble:
                self._waiting = "" if isinstance(trouble, ConnectionLost) else str(trouble)
                _log.debug("looking who shares the partitions: %s", trouble)

    async def _look(self) -> None:
        copy = await self._found()
        self._copying.check(copy, await self._api.stream_info(self._stream))
        try:
            copy = await self._copying.advance(copy)
        except BrokerError as error:
            if not forbidden(error):  # who may make things splits it anew
                raise
        if copy.state.split.count != self._count:
            await self._ensure_consumers(copy.state.split.count)
        await self._share(copy)

    async def _found(self) -> Copy:
        try:
            return await self._copying.look()
        except BrokerError as error:
            if error.code != STREAM_NOT_FOUND:
                raise
            hint = "at the next start it is made anew, from its beginning: what is repeated is recognised within the duplicate windows"
            raise ResourceConflict(f"stream {self._copying.name}", "it was deleted", hint=hint) from None

    async def _share(self, copy: Copy) -> None:
        """Open what is ours now, and leave what is not."""
        self._lag = sum(source.lag for source in copy.info.sources)
        self._waiting = ""
        owners = shares(await self._members.stay(), self._count)
        ours = {number for number, owner in enumerate(owners) if owner == self._members.own}
        for number in self._open.keys() - ours:
            self._leave(self._open[number])
        for number in sorted(ours - self._open.keys()):
            await self._take(number)

    async def _take(self, number: int) -> None:
        partition = Partition(
            self._connection,
            self._copying.name,
            number,
            self._receiver,
            self._options.for_partition(number),
            created=self._created,
            several=lambda: len(self._open),
        )
        await partition.open()
        self._open[number] = partition
        _log.info("takes partition %d of %s", number, self._copying.name)

    def _leave(self, partition: Partition) -> None:
        if not partition.closing:
            partition.closing = True
            self._beside(self._close(partition))

    async def _close(self, partition: Partition) -> None:
        await partition.close()
        del self._open[partition.number]
        _log.info("leaves partition %d of %s", partition.number, self._copying.name)

    async def _ensure_consumers(self, count: int) -> str:
        """All partitions have one, whosever they are. Returns what tells them from those that are made anew."""
        found = [
            await ensure_consumer(
                self._api, self._copying.name, [filter_of(number)], self._options.for_partition(number)
            )
            for number in range(count)
        ]
        self._count = count
        return blake2b(repr([each.created for each in found]).encode(), digest_size=8).hexdigest()

    async def _say_farewell(self) -> None:
        try:
            await self._members.leave()
        except StreamworkerError as trouble:
            _log.debug("the others find out by themselves: %s", trouble)

    async def _unpin(self, consumer: str) -> None:
        try:
            await self._api.unpin(self._copying.name, consumer, PRIORITY_GROUP)
        except StreamworkerError as error:
            _log.debug("the pin will run out by itself: %s", error)

    def _beside(self, work: Coroutine[object, object, None]) -> None:
        task = beside(work, self._receiver, "beside the partitions")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
