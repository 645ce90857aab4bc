"""Fakes for tests of handlers: everything that `Resources` opens, in memory, and deliveries for handlers that ask for theirs."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextvars import copy_context
from inspect import isawaitable
from typing import TypeAlias, TypeVar

import httpx
from pydantic import BaseModel

from streamworker.delivery import Delivery, Incoming, Origin, enter
from streamworker.errors import RevisionConflict
from streamworker.resources import Http, Resources
from streamworker.resources.backend import RawEntry
from streamworker.sinks.base import Output, Stored
from streamworker.subject import Subject

E = TypeVar("E", bound=BaseModel)
T = TypeVar("T")

Serve: TypeAlias = Callable[[httpx.Request], httpx.Response]
"""Answers a request in place of an HTTP service."""


class MemoryBucket:
    """A bucket of this process alone, with revisions that count the bucket's writes, as the server's do."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._entries: dict[str, RawEntry] = {}
        self._last: dict[str, int] = {}
        self._writes = 0

    async def get(self, key: str, /) -> RawEntry | None:
        return self._entries.get(key)

    async def put(self, key: str, data: bytes, /) -> int:
        self._entries[key] = RawEntry(key, data, self._write(key))
        return self._writes

    async def create(self, key: str, data: bytes, /) -> int:
        if key in self._entries:
            raise RevisionConflict(self._name, key)
        return await self.put(key, data)

    async def update(self, key: str, data: bytes, revision: int, /) -> int:
        self._expect(key, revision)
        return await self.put(key, data)

    async def delete(self, key: str, revision: int | None = None, /) -> None:
        if revision is not None:
            self._expect(key, revision)
        if self._entries.pop(key, None):
            self._write(key)

    async def keys(self, pattern: str, /) -> AsyncIterator[str]:
        for key in [*self._entries]:
            if _matches(pattern, key):
                yield key

    def _expect(self, key: str, revision: int) -> None:
        if self._last.get(key, 0) != revision:
            raise RevisionConflict(self._name, key)

    def _write(self, key: str) -> int:
        self._writes += 1
        self._last[key] = self._writes
        return self._writes


class MemoryObjects:
    """An object store of this process alone."""

    def __init__(self) -> None:
        self._objects: dict[str, bytes] = {}

    async def get(self, name: str, /) -> bytes | None:
        return self._objects.get(name)

    async def put(self, name: str, data: bytes, /) -> None:
        self._objects[name] = bytes(data)

    async def delete(self, name: str, /) -> None:
        self._objects.pop(name, None)

    async def contains(self, name: str, /) -> bool:
        return name in self._objects

    async def names(self) -> AsyncIterator[str]:
        for name in [*self._objects]:
            yield name


class MemoryBackend:
    """All of it in memory. `published` is what was published, without what its id showed to be stored already."""

    def __init__(self) -> None:
        self.published: list[Output] = []
        self.services: dict[str, Serve] = {}
        self._buckets: dict[str, MemoryBucket] = {}
        self._objects: dict[str, MemoryObjects] = defaultdict(MemoryObjects)
        self._ids: dict[str, int] = {}

    async def bucket(self, name: str, /) -> MemoryBucket:
        return self._buckets.setdefault(name, MemoryBucket(name))

    async def objects(self, name: str, /) -> MemoryObjects:
        return self._objects[name]

    async def publish(self, output: Output, /) -> Stored:
        if output.id and output.id in self._ids:
            return Stored("memory", self._ids[output.id], duplicate=True)
        self.published.append(output)
        sequence = len(self.published)
        if output.id:
            self._ids[output.id] = sequence
        return Stored("memory", sequence, duplicate=False)

    def http(self, service: Http, /) -> httpx.AsyncClient:
        serve = self.services.get(service.name, _unserved)
        return httpx.AsyncClient(base_url=f"http://{service.name}", transport=httpx.MockTransport(serve))


class FakeResources(Resources):
    """`Resources` in memory, with the checks of the real ones: keys, sizes, contracts and revisions.

    >>> resources = FakeResources().serve(MIRAKC, answer)
    >>> await resources.bucket(RECORDS).put(state, tuner="tuner1", programId=1)
    """

    def __init__(self) -> None:
        self._memory = MemoryBackend()
        super().__init__(self._memory)

    def serve(self, declared: Http, answer: Serve) -> FakeResources:
        """Have `answer` stand in for the service: a function from request to response."""
        self._memory.services[declared.name] = answer
        return self

    def published(self, subject: Subject[E]) -> list[E]:
        """The events that were published by hand on `subject`, in order."""
        return [subject.decode(each.data) for each in self._memory.published if _matches(subject.filter, each.subject)]

    @property
    def outputs(self) -> list[Output]:
        """Every publish by hand, in order, with its concrete subject, id and bytes."""
        return list(self._memory.published)


async def deliver(
    handle: Callable[[], Awaitable[T]],
    *,
    sequence: int = 1,
    attempt: int = 1,
    headers: Mapping[str, str] | None = None,
    dies: bool = False,
) -> T:
    """What a handler returns that asks for `current()`: called within a delivery, whose `on_published` callbacks then run.

    sequence: where its stream holds the event; the same one again is a redelivery. dies: whether the process ends once the outputs
    are stored and before the callbacks run.

    >>> assert await deliver(lambda: watcher.handle(event)) == completed
    """
    incoming = Incoming("", b"", headers, Origin("memory", 0, sequence), _Unsettled())
    incoming.attempt = attempt
    delivery = Delivery(incoming, _Scope())
    within = copy_context()
    within.run(enter, delivery)

    async def run() -> T:
        returned = await handle()
        for callback in () if dies else delivery.callbacks or ():
            outcome = callback()
            if isawaitable(outcome):
                await outcome
        return returned

    return await asyncio.get_running_loop().create_task(run(), context=within)


class _Scope:
    worker = "test"

    def tokens(self, _subject: str, /) -> Mapping[str, str]:
        return {}

    def publish_id(self, origin: Origin, counter: int, /) -> str:
        return f"{origin.sequence}.{counter}"


class _Unsettled:
    """Nobody settles a delivery that no source made."""

    def ack(self, incoming: Incoming, /) -> None: ...
    def nak(self, incoming: Incoming, delay: float, /) -> None: ...
    def term(self, incoming: Incoming, reason: str, /) -> None: ...
    def in_progress(self, incoming: Incoming, /) -> None: ...


def _unserved(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"nothing serves {request.method} {request.url} here: give FakeResources.serve an answer")


def _matches(pattern: str, subject: str) -> bool:
    wanted, parts = pattern.split("."), subject.split(".")
    if wanted[-1] == ">":
        wanted, parts = wanted[:-1], parts[: len(wanted) - 1] if len(parts) >= len(wanted) else []
    return len(wanted) == len(parts) and all(want in ("*", part) for want, part in zip(wanted, parts, strict=True))
