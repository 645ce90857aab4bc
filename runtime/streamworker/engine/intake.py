"""Intakes: the worker as each of its sources sees it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from streamworker.delivery import Incoming, Settler
from streamworker.errors import StreamworkerError
from streamworker.sources.base import OpenSource


class Intake:
    """The receiver of one source. share: how much of the worker's demand this source may use; None is all."""

    def __init__(
        self,
        *,
        receive: Callable[[Incoming], None],
        demand: Callable[[], int],
        abandon: Callable[[Settler, str], None],
        release: Callable[[OpenSource], Awaitable[None]],
        fail: Callable[[StreamworkerError], None],
        share: int | None,
    ) -> None:
        self.receive = receive
        self.lost = abandon
        self.failed = fail
        self._demand = demand
        self._release = release
        self._share = share

    def demand(self) -> int:
        wanted = self._demand()
        return wanted if self._share is None else min(wanted, self._share)

    async def release(self, part: OpenSource) -> None:
        await self._release(part)
