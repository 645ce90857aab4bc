"""Key-value buckets: a stream that keeps the last message of each key (NATS ADR-8)."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping, Sequence

from streamworker.errors import BrokerError, ConnectionLost, RevisionConflict
from streamworker.jetstream.api import Api, answer_of
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.messages import Message
from streamworker.jetstream.scan import scan
from streamworker.jetstream.wire import MESSAGE_ID
from streamworker.resources.backend import RawEntry

_EXPECTED = "Nats-Expected-Last-Subject-Sequence"
_OPERATION = "KV-Operation"
_TTL = "Nats-TTL"
_WRONG_REVISION = (10071, 10164)
_TRIES = 2


def bucket_stream(name: str) -> str:
    """The stream behind a bucket."""
    return f"KV_{name}"


class KeyValue:
    """A bucket at work: see `RawBucket`, whose contract this is. A `ttl` (seconds, whole ones) is of that entry alone."""

    def __init__(self, connection: Connection, name: str) -> None:
        self.name = name
        self._connection = connection
        self._api = Api(connection)
        self._stream = bucket_stream(name)
        self._prefix = f"$KV.{name}."

    async def get(self, key: str, /) -> RawEntry | None:
        """Read directly: of several replicas, one that lags may answer. `create` and `update` decide what counts."""
        message = await self._api.last_message(self._stream, self._prefix + key)
        if message is None or _is_marker(message):
            return None
        return RawEntry(key, message.data, _revision(message))

    async def get_all(self, keys: Sequence[str]) -> Mapping[str, RawEntry]:
        """Those of at most 1,024 keys that have a value, read as `get` does, in one request."""
        messages = await self._api.last_messages(self._stream, [self._prefix + key for key in keys])
        entries = {}
        for message in messages:
            if not _is_marker(message):
                key = (message.headers or {})["Nats-Subject"].removeprefix(self._prefix)
                entries[key] = RawEntry(key, message.data, _revision(message))
        return entries

    async def put(self, key: str, data: bytes, /, *, ttl: float | None = None) -> int:
        return await self._write(key, data, _headers(ttl=ttl))

    async def create(self, key: str, data: bytes, /, *, ttl: float | None = None) -> int:
        try:
            return await self.update(key, data, 0, ttl=ttl)
        except RevisionConflict:
            last = await self._api.last_message(self._stream, self._prefix + key)
            if last is None or not _is_marker(last):
                raise
            return await self.update(key, data, _revision(last), ttl=ttl)  # what stands there says "deleted"

    async def update(self, key: str, data: bytes, revision: int, /, *, ttl: float | None = None) -> int:
        return await self._write(key, data, _headers(ttl=ttl, revision=revision))

    async def delete(self, key: str, revision: int | None = None, /) -> None:
        await self._write(key, b"", {_OPERATION: "DEL", **_headers(revision=revision)})

    async def keys(self, pattern: str = ">", /) -> AsyncIterator[str]:
        async for message in scan(
            self._connection, self._stream, self._prefix + pattern, last_of_each=True, headers_only=True
        ):
            if not _is_marker(message):
                yield message.subject.removeprefix(self._prefix)

    async def _write(self, key: str, data: bytes, headers: dict[str, str]) -> int:
        """The new revision. Sent again with the same id if no word came: what was stored the first time is not stored twice."""
        subject = self._prefix + key
        headers[MESSAGE_ID] = secrets.token_hex(8)
        for left in reversed(range(_TRIES)):
            try:
                answer = answer_of(subject, await self._connection.requests.ask(subject, data, headers=headers))
                return int(str(answer["seq"]))
            except ConnectionLost:
                if not left:
                    raise
            except BrokerError as error:
                if error.code in _WRONG_REVISION:
                    raise RevisionConflict(self.name, key) from None
                raise
        raise AssertionError("unreachable: the last try returns or raises")


def _headers(*, ttl: float | None = None, revision: int | None = None) -> dict[str, str]:
    headers = {}
    if ttl is not None:
        headers[_TTL] = f"{max(1, round(ttl))}s"
    if revision is not None:
        headers[_EXPECTED] = str(revision)
    return headers


def _revision(message: Message) -> int:
    return int((message.headers or {})["Nats-Sequence"])


def _is_marker(message: Message) -> bool:
    """Whether it says that the key has no value: deleted by someone, or aged out (`Nats-Marker-Reason`, ADR-48)."""
    headers = message.headers or {}
    return headers.get(_OPERATION) in ("DEL", "PURGE") or "Nats-Marker-Reason" in headers
