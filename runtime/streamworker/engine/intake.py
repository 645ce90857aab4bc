"""Intakes: the worker as each of its sources sees it."""

from __future__ import annotations

from collections.abc import Callable

from streamworker.delivery import Incoming, Settler
from streamworker.errors import StreamworkerError


class Intake:
    """The receiver of one source. share: how much of the worker's demand this source may use; None is all."""

    def __init__(
        self,
        *,
        receive: Callable[[Incoming], None],
        demand: Callable[[], int],
        abandon: Callable[[Settler, str], None],
        fail: Callable[[StreamworkerError], None],
        share: int | None,
    ) -> None:
        self.receive = receive
        self.failed = fail
        self.session: Settler | None = None
        self._demand = demand
        self._abandon = abandon
        self._share = share

    def demand(self) -> int:
        wanted = self._demand()
        return wanted if self._share is None else min(wanted, self._share)

    def lost(self, reason: str) -> None:
        if self.session is not None:
            self._abandon(self.session, reason)
