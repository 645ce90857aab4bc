"""program-fanout: one event for each programme that has changed, and one for each web page that they name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import TypeAlias

from streamworker import Resources, StreamHandler

from generated.events import ChangedProgram, EpgProgramChanged, EpgStored, OgpPageDiscovered
from generated.workers import program_fanout
from handlers.domain.errors import ProgramMissing
from handlers.domain.guide import ServiceKey, program_changed
from handlers.domain.pages import pages_named_in
from handlers.domain.ports import ProgramReader
from handlers.infrastructure.repositories import BucketPrograms

Output: TypeAlias = EpgProgramChanged | OgpPageDiscovered


class ProgramFanout(StreamHandler[EpgStored, Sequence[Output]]):
    """What it yields is fixed by the event: a programme is read as the revision that the event names."""

    def __init__(self, programs: ProgramReader) -> None:
        self._programs = programs

    async def handle(self, event: EpgStored) -> Sequence[Output]:
        programs = await asyncio.gather(*(self._program(event, changed) for changed in event.changed))
        return [*programs, *pages_named_in(it for it in programs if it.change != "removed")]

    async def _program(self, event: EpgStored, changed: ChangedProgram) -> EpgProgramChanged:
        key = ServiceKey(event.source.tuner, event.service_id)
        program = await self._programs.program(key, changed.program_id, changed.revision)
        if program is None:
            raise ProgramMissing(f"{changed.program_id} at revision {changed.revision}")
        return program_changed(event, changed, program)


@program_fanout.lifespan
@asynccontextmanager
async def open_fanout(resources: Resources) -> AsyncGenerator[ProgramFanout]:
    yield ProgramFanout(BucketPrograms(resources))
