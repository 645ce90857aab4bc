"""An object store, as handlers use it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from streamworker.errors import NeverStored
from streamworker.resources.backend import RawObjects
from streamworker.resources.declarations import ObjectStore
from streamworker.resources.keys import LONGEST


class OpenObjectStore:
    """An object store at work: values of any size under names of any text.

    Every method raises NeverStored for an empty name and one of over 900 bytes, BrokerError or ConnectionLost where the server can't or won't.
    """

    def __init__(self, declared: ObjectStore, open_raw: Callable[[], Awaitable[RawObjects]]) -> None:
        self._declared = declared
        self._open = open_raw

    async def get(self, name: str) -> bytes | None:
        """What is stored under `name`; None where nothing is."""
        return await (await self._opened(name)).get(name)

    async def put(self, name: str, data: bytes) -> None:
        """Store `data`, whatever was there: readers see the old or the new object, never a part."""
        await (await self._opened(name)).put(name, data)

    async def delete(self, name: str) -> None:
        """Delete what is stored, if anything is."""
        await (await self._opened(name)).delete(name)

    async def contains(self, name: str) -> bool:
        """Whether something is stored under `name`; its bytes are not read."""
        return await (await self._opened(name)).contains(name)

    async def names(self) -> AsyncIterator[str]:
        """The names of all objects, in no order."""
        async for name in (await self._open()).names():
            yield name

    async def _opened(self, name: str) -> RawObjects:
        if not name:
            raise NeverStored(
                f"object store {self._declared.name}: an object needs a name", hint="name it by its content"
            )
        if len(name.encode("utf-8", "replace")) > LONGEST:
            raise NeverStored(
                f"object store {self._declared.name}: a name of {len(name):,} characters",
                hint=f"a name has at most {LONGEST} bytes; name it by a hash of what may be longer",
            )
        return await self._open()
