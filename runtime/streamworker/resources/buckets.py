"""A typed key-value bucket, as handlers use it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from pydantic import BaseModel

from streamworker.errors import NeverStored
from streamworker.resources.backend import RawBucket, RawEntry
from streamworker.resources.declarations import Bucket
from streamworker.resources.keys import Token

V = TypeVar("V", bound=BaseModel)

LARGEST: Final = 1_000_000
"""Bytes of the largest value: with its headers it stays within a server's default `max_payload` of 1 MiB."""


@dataclass(frozen=True)
class Entry(Generic[V]):
    """A value as it was read. `revision` is what `update` and `delete` want back; `tokens` are its key's, as text."""

    tokens: Mapping[str, str]
    value: V
    revision: int


class OpenBucket(Generic[V]):
    """A bucket at work. Tokens are given by name: `await records.get(tuner="tuner1", programId=3273601024)`.

    Every method raises TypeError for a missing or unknown token, NeverStored for a key or value that no bucket can hold,
    ContractViolation for a value that its schema refuses, BrokerError or ConnectionLost where the server can't or won't.
    """

    def __init__(self, declared: Bucket[V], open_raw: Callable[[], Awaitable[RawBucket]]) -> None:
        self._declared = declared
        self._open = open_raw

    async def get(self, /, **tokens: Token) -> Entry[V] | None:
        """What is stored under the key, with its revision; None where nothing is."""
        raw = await (await self._open()).get(self._key(tokens))
        return self._entry(raw) if raw else None

    async def put(self, value: V, /, **tokens: Token) -> int:
        """Store `value`, whatever was there. Returns its revision."""
        key, data = self._key(tokens), self._encode(value)
        return await (await self._open()).put(key, data)

    async def create(self, value: V, /, **tokens: Token) -> int:
        """Store `value` where nothing is. Returns its revision. Raises RevisionConflict where something is."""
        key, data = self._key(tokens), self._encode(value)
        return await (await self._open()).create(key, data)

    async def update(self, value: V, revision: int, /, **tokens: Token) -> int:
        """Store `value` in place of `revision`. Returns its revision. Raises RevisionConflict where another is stored."""
        key, data = self._key(tokens), self._encode(value)
        return await (await self._open()).update(key, data, revision)

    async def delete(self, revision: int | None = None, /, **tokens: Token) -> None:
        """Delete what is stored, if anything is. Raises RevisionConflict where `revision` is given and another is stored."""
        key = self._key(tokens)
        await (await self._open()).delete(key, revision)

    async def keys(self, /, **tokens: Token) -> AsyncIterator[Mapping[str, str]]:
        """The tokens of every key; of those that have certain tokens, where some are given. In no order."""
        raw = await self._open()
        template = self._declared.template
        async for key in raw.keys(template.filter(tokens)):
            if (found := template.parse(key)) is not None and _agrees(found, tokens):
                yield found

    async def entries(self, /, **tokens: Token) -> AsyncIterator[Entry[V]]:
        """Every entry; those whose keys have certain tokens, where some are given. In no order."""
        async for found in self.keys(**tokens):
            if entry := await self.get(**found):
                yield entry

    def _key(self, tokens: Mapping[str, Token]) -> str:
        return self._declared.template.key(tokens)

    def _encode(self, value: V) -> bytes:
        data = self._declared.encode(value)
        if len(data) > LARGEST:
            raise NeverStored(
                f"bucket {self._declared.name}: a value of {len(data):,} bytes is over the limit of {LARGEST:,}",
                hint="split it over several keys, or keep it in an object store",
            )
        return data

    def _entry(self, raw: RawEntry) -> Entry[V]:
        return Entry(self._declared.template.parse(raw.key) or {}, self._declared.decode(raw.data), raw.revision)


def _agrees(found: Mapping[str, str], wanted: Mapping[str, Token]) -> bool:
    return all(found[name] == str(value) for name, value in wanted.items())
