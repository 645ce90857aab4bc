"""Recordings: schedules as the API books them, and what becomes of each when its time comes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Literal, TypeAlias

from tests.simulator import ids
from tests.simulator.frames import Frame, frame
from tests.simulator.guide import Guide, program_json
from tests.simulator.scenario import HOUR, MINUTE
from tests.simulator.timeline import Timeline

Emit: TypeAlias = Callable[[Frame], Awaitable[None]]
Status: TypeAlias = Literal["recording", "finished", "canceled", "failed"]
Reason: TypeAlias = Mapping[str, object]

_MESSAGES = ("ディスクがいっぱいです", "チューナーを確保できません", "broken pipe 𠮷\u0007", "\ufffd\ufffd")


@dataclass(kw_only=True)
class Schedule:
    """state: scheduled | tracking | recording | rescheduling | finished | failed."""

    program_id: int
    options: Mapping[str, object]
    tags: Sequence[str]
    state: str = "scheduled"
    failed_reason: Reason | None = None
    record_id: str | None = None


@dataclass(kw_only=True)
class Recorder:
    """Books, records and tells of it. How a recording ends depends on the seed and the programme alone, not on who booked it when."""

    seed: int
    guide: Guide
    timeline: Timeline
    emit: Emit
    tuners: int
    schedules: dict[int, Schedule] = field(default_factory=dict)
    records: dict[str, Status] = field(default_factory=dict)

    def book(self, program_id: int, options: Mapping[str, object], tags: Sequence[str]) -> Schedule:
        """Book a programme, be it over. Raises LookupError if there is none, FileExistsError if it is booked."""
        program = self.guide.program(program_id)
        if program is None:
            raise LookupError(program_id)
        if program_id in self.schedules:
            raise FileExistsError(program_id)
        schedule = self.schedules[program_id] = Schedule(program_id=program_id, options=options, tags=tags)
        if program.start_at is None:
            schedule.state = "tracking"
        elif program.end is not None and program.end <= self.timeline.now:
            self.timeline.after(MINUTE, partial(self._fail, schedule, {"type": "schedule-expired"}))
        else:
            self.timeline.at(program.start_at, partial(self._start, schedule))
        return schedule

    async def cancel(self, program_id: int) -> None:
        """Remove a schedule, and stop its recording if it runs. Raises KeyError if there is none."""
        schedule = self.schedules.pop(program_id)
        if schedule.state == "recording":
            await self._close(schedule, "canceled")

    async def finish_all(self) -> None:
        """Bring every running recording to its end now."""
        for schedule in [it for it in self.schedules.values() if it.state == "recording"]:
            await self._end(schedule)

    def replay(self) -> list[Frame]:
        """What a new reader is told: each recording that runs, each record that there is."""
        running = [it.program_id for it in self.schedules.values() if it.state == "recording"]
        started = [frame("recording.started", {"programId": program_id}) for program_id in running]
        return started + [_saved(record_id, status) for record_id, status in self.records.items()]

    async def _start(self, schedule: Schedule) -> None:
        dice = Random(f"{self.seed}:recording:{schedule.program_id}")
        program = self.guide.program(schedule.program_id)
        if self.schedules.get(schedule.program_id) is not schedule:
            return
        if program is None or program.start_at is None:
            await self._fail(schedule, {"type": "removed-from-epg"})
        elif program.start_at > self.timeline.now and schedule.state == "scheduled":
            await self.emit(frame("recording.rescheduled", {"programId": program.id}))
            self.timeline.at(program.start_at, partial(self._start, schedule))
        elif dice.random() < 0.04:
            await self._fail(schedule, {"type": "start-recording-failed", "message": dice.choice(_MESSAGES)})
        else:
            await self._record(schedule, dice, program.end or self.timeline.now + HOUR)

    async def _record(self, schedule: Schedule, dice: Random, end: int) -> None:
        schedule.state = "recording"
        schedule.record_id = ids.record_id(self.timeline.now, schedule.program_id)
        self.records[schedule.record_id] = "recording"
        await self._tell(
            dice,
            frame("recording.started", {"programId": schedule.program_id}),
            _saved(schedule.record_id, "recording"),
            self._tuner(schedule),
        )
        self.timeline.after(10 * MINUTE, partial(self._progress, schedule))
        self.timeline.at(max(end, self.timeline.now + MINUTE), partial(self._end, schedule))

    async def _progress(self, schedule: Schedule) -> None:
        """mirakc saves a record again and again while it grows."""
        if schedule.state == "recording" and schedule.record_id:
            await self.emit(_saved(schedule.record_id, "recording"))
            self.timeline.after(10 * MINUTE, partial(self._progress, schedule))

    async def _end(self, schedule: Schedule) -> None:
        if schedule.state != "recording":
            return
        dice = Random(f"{self.seed}:end:{schedule.program_id}:{schedule.record_id}")
        fate = dice.choices(("finished", "pipeline-error", "io-error", "need-rescheduling"), (80, 8, 8, 4))[0]
        if fate == "finished":
            await self._close(schedule, "finished")
        elif fate == "need-rescheduling":
            await self._close(
                schedule, "failed", {"type": "need-rescheduling"}, {"type": "pipeline-error", "exitCode": 2}
            )
        elif fate == "pipeline-error":
            await self._close(
                schedule, "failed", {"type": "pipeline-error", "exitCode": dice.choice((1, 139, 222, -9))}
            )
        else:
            message, os_error = dice.choice(_MESSAGES), dice.choice((28, 5, None))
            error = {"type": "io-error", "message": message, "osError": os_error}
            await self._close(schedule, "failed", error, {"type": "pipeline-error", "exitCode": 1})

    async def _close(self, schedule: Schedule, status: Status, *reasons: Reason) -> None:
        """The end of a recording. Failures come before `stopped`; where the record stands among them is anyone's guess."""
        dice = Random(f"{self.seed}:close:{schedule.record_id}")
        record_id = schedule.record_id or ""
        schedule.state = "finished" if status == "finished" else "failed"
        schedule.failed_reason = reasons[0] if reasons else None
        self.records[record_id] = status
        program = {"programId": schedule.program_id}
        told = [frame("recording.failed", {**program, "reason": reason}) for reason in reasons]
        told.append(frame("recording.stopped", program))
        told.insert(dice.randint(0, len(told)), _saved(record_id, status))
        for it in told:
            await self.emit(it)
        await self.emit(self._tuner(schedule))
        if dice.random() < 0.5:
            self.timeline.after(dice.randint(1, 20) * MINUTE, partial(self._save_again, record_id))
        if dice.random() < 0.2:
            self.timeline.after(dice.randint(1, 3) * HOUR, partial(self._remove, record_id))

    async def _save_again(self, record_id: str) -> None:
        if record_id in self.records:
            await self.emit(_saved(record_id, self.records[record_id]))

    async def _remove(self, record_id: str) -> None:
        self.records.pop(record_id, None)
        for event in ("recording.content-removed", "recording.record-removed"):
            await self.emit(frame(event, {"recordId": record_id}))

    async def _fail(self, schedule: Schedule, reason: Reason) -> None:
        """A recording that never began: there is no record of it."""
        schedule.state = "failed"
        schedule.failed_reason = reason
        await self.emit(frame("recording.failed", {"programId": schedule.program_id, "reason": reason}))

    async def _tell(self, dice: Random, *told: Frame) -> None:
        for it in dice.sample(told, len(told)):
            await self.emit(it)

    def _tuner(self, schedule: Schedule) -> Frame:
        return frame("tuner.status-changed", {"tunerIndex": schedule.program_id % self.tuners})


def _saved(record_id: str, status: Status) -> Frame:
    return frame("recording.record-saved", {"recordId": record_id, "recordingStatus": status})


def schedule_json(schedule: Schedule, guide: Guide) -> dict[str, object]:
    program = guide.program(schedule.program_id)
    failed = {"failedReason": schedule.failed_reason} if schedule.failed_reason else {}
    return {
        "state": schedule.state,
        "program": program_json(program) if program else {"id": schedule.program_id},
        "options": dict(schedule.options),
        "tags": list(schedule.tags),
        **failed,
    }
