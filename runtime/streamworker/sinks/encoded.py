"""Events that are encoded already, into JetStream: an ingest's frames say themselves which subject is theirs."""

from __future__ import annotations

from collections.abc import Iterable

from streamworker.jetstream.api import Api
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.limits import StreamLimits, stream_limits
from streamworker.jetstream.publisher import Publisher
from streamworker.sinks.base import OnStored, Output
from streamworker.subject import AnySubject


class EncodedSink:
    """Publishes on some subjects, of which any number may carry the same event. See `EventSink`, of which this is a part."""

    def __init__(self, connection: Connection, subjects: Iterable[AnySubject]) -> None:
        self._connection = connection
        self._filters = list(dict.fromkeys(subject.filter for subject in subjects))
        self._publisher = Publisher(connection)
        self._limits = StreamLimits()

    def check(self, output: Output, /) -> None:
        """Raises PublishRefused where it is too large for the server or its stream."""
        self._publisher.check(output)
        self._limits.check(output)

    async def open(self) -> None:
        """Raises ResourceConflict, BrokerError or ConnectionLost."""
        self._limits = await stream_limits(Api(self._connection), self._filters)
        await self._publisher.open()

    def publish(self, output: Output, on_stored: OnStored) -> None:
        self._publisher.publish(output, on_stored)

    async def close(self) -> None:
        await self._publisher.close()
