"""`Resources` in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import TypeAlias, TypeVar

import httpx
from pydantic import BaseModel

from streamworker.resources import Http, Resources
from streamworker.sinks.base import Output, Stored
from streamworker.subject import Subject
from streamworker.testing.stores import MemoryBucket, MemoryObjects, matches

E = TypeVar("E", bound=BaseModel)

Serve: TypeAlias = Callable[[httpx.Request], httpx.Response]
"""Answers a request in place of an HTTP service."""


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
            return Stored.of("memory", self._ids[output.id], duplicate=True)
        self.published.append(output)
        sequence = len(self.published)
        if output.id:
            self._ids[output.id] = sequence
        return Stored.of("memory", sequence, duplicate=False)

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
        return [subject.decode(each.data) for each in self._memory.published if matches(subject.filter, each.subject)]

    @property
    def outputs(self) -> list[Output]:
        """Every publish by hand, in order, with its concrete subject, id and bytes."""
        return list(self._memory.published)


def _unserved(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"nothing serves {request.method} {request.url} here: give FakeResources.serve an answer")
