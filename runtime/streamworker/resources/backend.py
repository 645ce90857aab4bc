"""What is behind `Resources`: buckets, object stores and publishing as plain bytes. NATS has one form of it, tests another.

Every method raises BrokerError or ConnectionLost where the server can't or won't.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from streamworker.resources.declarations import Http
from streamworker.sinks.base import Output, Stored

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, slots=True)
class RawEntry:
    key: str
    data: bytes
    revision: int


class RawBucket(Protocol):
    """A key-value bucket. A revision is what a write returned; a deleted key counts as absent."""

    async def get(self, key: str, /) -> RawEntry | None: ...
    async def put(self, key: str, data: bytes, /) -> int: ...
    async def create(self, key: str, data: bytes, /) -> int:
        """Raises RevisionConflict where the key has a value."""
        ...

    async def update(self, key: str, data: bytes, revision: int, /) -> int:
        """Raises RevisionConflict where the key's last revision is another."""
        ...

    async def delete(self, key: str, revision: int | None = None, /) -> None:
        """Raises RevisionConflict where a revision is given and the key's last is another."""

    def keys(self, pattern: str, /) -> AsyncIterator[str]:
        """The keys that match, with `*` for any one part; in no order."""
        ...


class RawObjects(Protocol):
    """An object store: names of any text, values of any size."""

    async def get(self, name: str, /) -> bytes | None: ...
    async def put(self, name: str, data: bytes, /) -> None: ...
    async def delete(self, name: str, /) -> None: ...
    async def contains(self, name: str, /) -> bool: ...
    def names(self) -> AsyncIterator[str]: ...


class Backend(Protocol):
    async def bucket(self, name: str, /) -> RawBucket: ...
    async def objects(self, name: str, /) -> RawObjects: ...
    async def publish(self, output: Output, /) -> Stored:
        """Publish, and return when it is stored. An empty id is none."""
        ...

    def http(self, service: Http, /) -> httpx.AsyncClient: ...
