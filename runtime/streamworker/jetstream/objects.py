"""Object stores: values cut into chunks, and a description of each (NATS ADR-20)."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from streamworker.errors import BrokerError
from streamworker.jetstream.api import Api, answer_of
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.messages import Message
from streamworker.jetstream.scan import scan

_CHUNK = 128 * 1024
_TRIES = 3


def objects_stream(name: str) -> str:
    """The stream behind an object store."""
    return f"OBJ_{name}"


class Objects:
    """An object store at work: see `RawObjects`, whose contract this is."""

    def __init__(self, connection: Connection, name: str) -> None:
        self.name = name
        self._connection = connection
        self._api = Api(connection)
        self._stream = objects_stream(name)

    async def get(self, name: str, /) -> bytes | None:
        for _ in range(_TRIES):
            described = await self._described(name)
            if described is None:
                return None
            chunks = scan(self._connection, self._stream, self._chunks(described["nuid"]))
            data = b"".join([message.data async for message in chunks])
            if described["digest"] == _digest(data):
                return data  # else it was replaced while it was read: read the new one
        raise BrokerError(f"object {name} of {self.name}", 0, "its chunks don't agree with its digest")

    async def put(self, name: str, data: bytes, /) -> None:
        before = await self._described(name)
        nuid = secrets.token_hex(11)
        for at in range(0, len(data), _CHUNK):
            await self._write(self._chunks(nuid), data[at : at + _CHUNK])
        described = {
            "name": name,
            "bucket": self.name,
            "nuid": nuid,
            "size": len(data),
            "chunks": -(-len(data) // _CHUNK),
            "mtime": datetime.now(UTC).isoformat(),
            "digest": _digest(data),
            "options": {"max_chunk_size": _CHUNK},
        }
        await self._describe(name, described)  # from here on, readers see the new one
        if before is not None:
            await self._api.purge_stream(self._stream, subject=self._chunks(before["nuid"]))

    async def delete(self, name: str, /) -> None:
        before = await self._described(name)
        if before is None:
            return
        await self._describe(name, {**before, "deleted": True, "size": 0, "chunks": 0, "digest": ""})
        await self._api.purge_stream(self._stream, subject=self._chunks(before["nuid"]))

    async def contains(self, name: str, /) -> bool:
        return await self._described(name) is not None

    async def names(self) -> AsyncIterator[str]:
        async for message in scan(self._connection, self._stream, f"$O.{self.name}.M.>", last_of_each=True):
            if (described := _read(message)) is not None:
                yield described["name"]

    async def _described(self, name: str) -> dict[str, Any] | None:  # Any: JSON
        message = await self._api.last_message(self._stream, self._description(name))
        return _read(message) if message is not None else None

    async def _describe(self, name: str, described: dict[str, object]) -> None:
        await self._write(self._description(name), json.dumps(described).encode(), {"Nats-Rollup": "sub"})

    async def _write(self, subject: str, data: bytes, headers: dict[str, str] | None = None) -> None:
        answer_of(subject, await self._connection.requests.ask(subject, data, headers=headers))

    def _chunks(self, nuid: str) -> str:
        return f"$O.{self.name}.C.{nuid}"

    def _description(self, name: str) -> str:
        return f"$O.{self.name}.M.{base64.urlsafe_b64encode(name.encode()).decode()}"


def _read(message: Message) -> dict[str, Any] | None:  # Any: JSON
    described: dict[str, Any] = json.loads(message.data)
    return None if described.get("deleted") else described


def _digest(data: bytes) -> str:
    return f"SHA-256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode()}"
