"""The gate of an ordered worker: closed as long as older events may be in other hands.

Only one process at a time is handed deliveries (the consumer is pinned), but the one before it may have left some unsettled, which come
back after newer ones. So whoever takes over lets nothing in until all that is unsettled anywhere is in its own hands. That it took over
shows in the consumer's own count of what it has handed out, which then has a gap.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

from streamworker.delivery import Incoming
from streamworker.errors import StreamworkerError
from streamworker.sources.base import OpenSource

_SHORTEST_PAUSE = 0.1
_LONGEST_PAUSE = 1.0
_TOLD_AT = 0.4  # of a pause: until then it is most likely what is still on its way to us


class Gate:
    """session: where the deliveries come from. held: those in our hands. wake: called when there must be room for more of them than there
    was.

    missing: how many are in other hands, as far as we know. Beside what waits here there must be room for them, or they would never come.
    """

    def __init__(
        self,
        session: OpenSource,
        *,
        held: Callable[[], Iterable[Incoming]],
        wake: Callable[[], None],
        log: logging.Logger,
    ) -> None:
        self.closed = True
        self.missing = 0
        self._session = session
        self._held = held
        self._wake = wake
        self._log = log
        self._handed_out = 0

    def note(self, incoming: Incoming) -> None:
        """A delivery has come; it closes the gate if others were handed out between the last one and it."""
        handed_out = self._session.handed_out(incoming.reply)
        if handed_out != self._handed_out + 1:
            self.closed = True
        self._handed_out = handed_out

    async def opened(self, needed: Callable[[], bool]) -> bool:
        """Return True when all that is unsettled is in our hands, and False when nobody needs to know any more."""
        pause = _SHORTEST_PAUSE
        while needed():
            self.closed = False
            if await self._is_all_here():
                return True
            self.closed = True
            if pause == _TOLD_AT:
                self._log.info("waits for older events that another process was handed")
            self._wake()
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        return False

    async def _is_all_here(self) -> bool:
        """Only what we held before we asked, and hold still, is surely among what the server then counts. A delivery that closed the gate
        meanwhile is behind others of which that count knows nothing."""
        before = [incoming for incoming in self._held() if incoming.settler is self._session]
        try:
            unsettled = await self._session.outstanding()
        except StreamworkerError as trouble:
            self._log.warning("can't tell whether older events are elsewhere: %s", trouble)
            return False
        ours = {incoming.origin.sequence for incoming in before if not incoming.settled}
        self.missing = max(0, unsettled - len(ours))
        return not self.missing and not self.closed
