"""The world that is simulated: the guide and how it changes, what is on air, who records what."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from random import Random

from tests.simulator.frames import Frame, frame
from tests.simulator.guide import Guide
from tests.simulator.recorder import Recorder
from tests.simulator.scenario import HOUR, MINUTE, Scenario
from tests.simulator.timeline import Timeline
from tests.simulator.timeshift import TimeshiftRecorder


class World:
    """All that happens, on one timeline. `emit` is told of each event; `pages` are the addresses that programmes may name."""

    def __init__(self, scenario: Scenario, pages: Sequence[str], emit: Callable[[Frame], Awaitable[None]]) -> None:
        self._random = Random(f"{scenario.seed}:world")
        self._scenario = scenario
        self._emit = emit
        self.timeline = Timeline(scenario.start, scenario.speed)
        self.guide = Guide(scenario, pages)
        self.recorder = Recorder(
            seed=scenario.seed, guide=self.guide, timeline=self.timeline, emit=emit, tuners=scenario.tuners
        )
        self.timeshift = [
            TimeshiftRecorder(name=f"録画機{number}", timeline=self.timeline, emit=emit)
            for number in range(1, scenario.recorders + 1)
        ]
        self._schedule()

    @property
    def cold(self) -> bool:
        """Whether the guide is not loaded yet, as just after a restart."""
        return self.timeline.now < self._scenario.start + self._scenario.cold

    def replay(self) -> list[list[Frame]]:
        services = sorted(self.guide.services)
        return [
            [frame("tuner.status-changed", {"tunerIndex": index}) for index in range(self._scenario.tuners)],
            [frame("epg.programs-updated", {"serviceId": service_id}) for service_id in services],
            [frame("onair.program-changed", {"serviceId": service_id}) for service_id in services],
            [it for recorder in self.timeshift for it in recorder.replay()],
            self.recorder.replay(),
        ]

    def _schedule(self) -> None:
        for service_id in sorted(self.guide.services):
            first = self._scenario.cold or self._random.randint(MINUTE, self._scenario.flush)
            self.timeline.after(first, partial(self._flush, service_id))
            self._await_boundary(service_id)
        for recorder in self.timeshift:
            recorder.schedule()
        if self._scenario.recordings:
            self.timeline.after(MINUTE, self._book)

    async def _flush(self, service_id: int) -> None:
        """mirakc flushes a service's guide whether it has changed or not."""
        if not self.cold and self._random.random() < 0.6:
            self.guide.change(service_id, self.timeline.now)
        await self._emit(frame("epg.programs-updated", {"serviceId": service_id}))
        wait = self._random.randint(self._scenario.flush // 2, self._scenario.flush * 3 // 2)
        self.timeline.after(wait, partial(self._flush, service_id))

    def _await_boundary(self, service_id: int) -> None:
        boundary = self.guide.next_boundary(service_id, self.timeline.now)
        if boundary is not None:
            self.timeline.at(boundary, partial(self._change_on_air, service_id))

    async def _change_on_air(self, service_id: int) -> None:
        await self._emit(frame("onair.program-changed", {"serviceId": service_id}))
        self._await_boundary(service_id)

    async def _book(self) -> None:
        """Somebody else books something that begins within the hour; one time in ten something that is over."""
        now = self.timeline.now
        earliest, latest = (now - 3 * HOUR, now - 2 * HOUR) if self._random.random() < 0.1 else (now, now + HOUR)
        open_to_book = [it for it in self.guide.starting(earliest, latest) if it.id not in self.recorder.schedules]
        if open_to_book:
            self.recorder.book(self._random.choice(open_to_book).id, {"priority": 0}, ["手動"])
        self.timeline.after(HOUR // self._scenario.recordings, self._book)
