"""A worker's events from a JetStream stream, through a durable consumer that all its processes share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar, cast, overload

from streamworker.errors import ResourceConflict
from streamworker.jetstream.api import Api
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.feed import Feed
from streamworker.sources.base import ConsumerOptions, OpenSource, Receiver
from streamworker.sources.partitioned import PartitionedFeed
from streamworker.subject import Decodes

E = TypeVar("E")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")


class JetStreamSource(Generic[E]):
    """Events of some subjects, all in one stream.

    stream: its name; where it is left out, the server is asked which stream stores the subjects.
    """

    @overload
    def __init__(self: JetStreamSource[A], connection: Connection, a: Decodes[A], /, *, stream: str = ...) -> None: ...
    @overload
    def __init__(
        self: JetStreamSource[A | B], connection: Connection, a: Decodes[A], b: Decodes[B], /, *, stream: str = ...
    ) -> None: ...
    @overload
    def __init__(
        self: JetStreamSource[A | B | C],
        connection: Connection,
        a: Decodes[A],
        b: Decodes[B],
        c: Decodes[C],
        /,
        *,
        stream: str = ...,
    ) -> None: ...
    @overload
    def __init__(
        self: JetStreamSource[A | B | C | D],
        connection: Connection,
        a: Decodes[A],
        b: Decodes[B],
        c: Decodes[C],
        d: Decodes[D],
        /,
        *,
        stream: str = ...,
    ) -> None: ...
    @overload
    def __init__(
        self: JetStreamSource[object], connection: Connection, /, *subjects: Decodes[object], stream: str = ...
    ) -> None: ...
    def __init__(self, connection: Connection, /, *subjects: Decodes[object], stream: str = "") -> None:
        self._subjects = cast("tuple[Decodes[E], ...]", subjects)  # the overloads say so
        self.connection = connection
        self._stream = stream

    @property
    def subjects(self) -> Sequence[Decodes[E]]:
        return self._subjects

    async def open(self, receiver: Receiver, options: ConsumerOptions) -> OpenSource:
        """Make or update the consumer, and start delivering; with `partitions`, the copy and its consumers. Raises ResourceConflict,
        BrokerError or ConnectionLost; ConfigurationError where partitions can't be told by the subjects."""
        api = Api(self.connection)
        filters = tuple(subject.filter for subject in self._subjects)
        stream = self._stream or await _find_stream(api, filters)
        feed: Feed | PartitionedFeed
        if options.partitions is not None:
            feed = PartitionedFeed(self.connection, stream, self._subjects, receiver, options)
        else:
            feed = Feed(self.connection, api, stream, filters, receiver, options)
        try:
            await feed.start()
        except BaseException:
            await feed.close()
            raise
        return feed


async def _find_stream(api: Api, filters: Sequence[str]) -> str:
    found = {subject: await api.stream_names(subject) for subject in filters}
    streams = {name for names in found.values() for name in names}
    missing = [subject for subject, names in found.items() if not names]
    if missing or len(streams) != 1:
        problem = f"no stream stores {', '.join(missing)}" if missing else f"they lie in {', '.join(sorted(streams))}"
        raise ResourceConflict(
            f"source of {', '.join(filters)}",
            problem,
            hint="all subjects of a source have to be in one stream: make it, or name it",
        )
    return streams.pop()
