"""Timeshift recorders: each keeps the last hours of one service, and says every few minutes how far it has got."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.simulator.frames import Frame, frame
from tests.simulator.scenario import DAY, MINUTE
from tests.simulator.timeline import Timeline

_STEP = 5 * MINUTE


@dataclass(kw_only=True)
class TimeshiftRecorder:
    """`began` is None until it has started: its timeline is then null at both ends."""

    name: str
    timeline: Timeline
    emit: Callable[[Frame], Awaitable[None]]
    began: int | None = None
    record: int = 1

    def schedule(self) -> None:
        self.timeline.after(_STEP, self._start)

    def replay(self) -> list[Frame]:
        if self.began is None:
            return [self._state()]
        return [
            frame("timeshift.started", {"recorder": self.name}),
            self._state(),
            frame("timeshift.record-started", {"recorder": self.name, "recordId": self.record}),
        ]

    async def _start(self) -> None:
        self.began = self.timeline.now
        await self.emit(frame("timeshift.started", {"recorder": self.name}))
        self.timeline.after(_STEP, self._advance)

    async def _advance(self) -> None:
        await self.emit(self._state())
        await self.emit(frame("timeshift.record-updated", {"recorder": self.name, "recordId": self.record}))
        if (self.timeline.now - (self.began or 0)) % (12 * _STEP) == 0:
            await self._next_record()
        self.timeline.after(_STEP, self._advance)

    async def _next_record(self) -> None:
        await self.emit(frame("timeshift.record-ended", {"recorder": self.name, "recordId": self.record}))
        self.record += 1
        await self.emit(frame("timeshift.record-started", {"recorder": self.name, "recordId": self.record}))

    def _state(self) -> Frame:
        if self.began is None:
            return frame(
                "timeshift.timeline", {"recorder": self.name, "startTime": None, "endTime": None, "duration": 0}
            )
        end = self.timeline.now
        start = max(self.began, end - DAY)
        times = {"startTime": start, "endTime": end, "duration": end - start}
        return frame("timeshift.timeline", {"recorder": self.name, **times})
