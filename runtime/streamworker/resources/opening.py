"""`Resources`: opens what the generated constants name, lazily, and closes it with the worker."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from pydantic import BaseModel

from streamworker.resources.buckets import OpenBucket
from streamworker.resources.declarations import Bucket, Http, ObjectStore
from streamworker.resources.objects import OpenObjectStore
from streamworker.resources.publisher import Publisher

if TYPE_CHECKING:
    import httpx

    from streamworker.resources.backend import Backend
    from streamworker.subject import Subject

V = TypeVar("V", bound=BaseModel)
E = TypeVar("E", bound=BaseModel)
T = TypeVar("T")


class Resources:
    """What a worker's lifespan is given. Nothing is opened before it is used, and each but once."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._http: dict[str, httpx.AsyncClient] = {}

    def bucket(self, declared: Bucket[V]) -> OpenBucket[V]:
        """A typed key-value bucket."""
        return OpenBucket(declared, _Once(lambda: self._backend.bucket(declared.name)))

    def objects(self, declared: ObjectStore) -> OpenObjectStore:
        """An object store."""
        return OpenObjectStore(declared, _Once(lambda: self._backend.objects(declared.name)))

    def publisher(self, subject: Subject[E]) -> Publisher[E]:
        """A way to publish on a subject beside what a handler returns."""
        return Publisher(subject, self._backend)

    def http(self, declared: Http) -> httpx.AsyncClient:
        """A client with the service's base URL and timeout; the same one each time, closed with the worker.

        Raises ConfigurationError where the URL names a variable that is not set.
        """
        if declared.name not in self._http:
            self._http[declared.name] = self._backend.http(declared)
        return self._http[declared.name]

    async def close(self) -> None:
        """Close the HTTP clients. What lives on the NATS connection ends with it."""
        clients, self._http = self._http, {}
        for client in clients.values():
            await client.aclose()


class _Once(Generic[T]):
    """Opens something on first use; after a failure, the next use tries again."""

    def __init__(self, opens: Callable[[], Awaitable[T]]) -> None:
        self._opens = opens
        self._lock = asyncio.Lock()
        self._opened: T | None = None

    async def __call__(self) -> T:
        if self._opened is None:
            async with self._lock:
                if self._opened is None:
                    self._opened = await self._opens()
        return self._opened
