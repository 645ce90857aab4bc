"""Buckets and object stores in memory: see `resources.backend`, whose contract this is."""

from __future__ import annotations

from collections.abc import AsyncIterator

from streamworker.errors import RevisionConflict
from streamworker.resources.backend import RawEntry


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
            if matches(pattern, key):
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


def matches(pattern: str, subject: str) -> bool:
    """Whether a concrete subject, or key, is one of those that `pattern` means."""
    wanted, parts = pattern.split("."), subject.split(".")
    if wanted[-1] == ">":
        wanted, parts = wanted[:-1], parts[: len(wanted) - 1] if len(parts) >= len(wanted) else []
    return len(wanted) == len(parts) and all(want in ("*", part) for want, part in zip(wanted, parts, strict=True))
