"""epg-updater: reads a service's guide when mirakc says that it was flushed, and announces what has changed."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial

from streamworker import Resources, StreamHandler, current
from streamworker.errors import RevisionConflict

from generated.events import EpgNotice, EpgProgramsUpdated, EpgStored, IndexedChange, ServiceIndex, StoredProgram
from generated.resources import MIRAKC
from generated.workers import epg_updater
from handlers.domain import guide
from handlers.domain.guide import Announcer, ServiceKey
from handlers.domain.ports import Clock, EpgNotifier, Kept, OpenGuide, ProgramRepository
from handlers.infrastructure.mirakc import Mirakc
from handlers.infrastructure.notices import PublishedNotices
from handlers.infrastructure.repositories import BucketPrograms


class EpgUpdater(StreamHandler[EpgProgramsUpdated, EpgStored | None]):
    """Indexes a change before it is announced, and marks it once it was: whatever dies in between, no change is lost.

    A retry finds its own change in the index and announces just that, whatever the guide says by then.
    """

    def __init__(self, programs: ProgramRepository, notifier: EpgNotifier, open_guide: OpenGuide, now: Clock) -> None:
        self._programs = programs
        self._notifier = notifier
        self._open_guide = open_guide
        self._now = now

    async def handle(self, event: EpgProgramsUpdated) -> EpgStored | None:
        key, us = ServiceKey(event.source.tuner, event.service_id), _announcer()
        known = await self._programs.index(key)
        if us.is_overtaken_by(known.value.latest):
            return None
        index = known if us.made(known.value.latest) else await self._look(event, key, known, us)
        if index is None or (change := index.value.latest) is None:
            return None
        service = await self._open_guide(event.source).service(event.service_id)
        current().on_published(partial(self._announced, event, key, index, change))
        return guide.service_stored(event.source, service, index.value, change)

    async def _look(
        self, event: EpgProgramsUpdated, key: ServiceKey, known: Kept[ServiceIndex], us: Announcer
    ) -> Kept[ServiceIndex] | None:
        """Read the guide and index what has changed; None where that is nothing."""
        listed = await self._open_guide(event.source).programs(event.service_id)
        if not listed:
            return None  # mirakc has just started: what we know is better
        index = guide.advanced(known.value, listed, us, self._now())
        if index is None or index.latest is None:
            return None
        contents = {
            id: listed.get(id) or await self._last(key, known.value, id) for id in guide.changed_at(index, index.latest)
        }
        await self._programs.add(key, contents, revision=index.revision)
        return Kept(index, await self._programs.set_index(key, index, after=known.revision))

    async def _last(self, key: ServiceKey, known: ServiceIndex, program_id: int) -> StoredProgram:
        """What a removed programme was."""
        revision = known.programs[str(program_id)].revision
        return await self._programs.program(key, program_id, revision) or guide.UNKNOWN_PROGRAM

    async def _announced(
        self, event: EpgProgramsUpdated, key: ServiceKey, index: Kept[ServiceIndex], change: IndexedChange
    ) -> None:
        try:
            await self._programs.set_index(key, guide.announced(index.value, change), after=index.revision)
        except RevisionConflict:
            return  # a later delivery has taken our change along with its own
        notice = EpgNotice(
            source=event.source,
            service_id=event.service_id,
            revision=index.value.revision,
            changes=len(change.changed),
        )
        await self._notifier.changed(notice)


def _announcer() -> Announcer:
    origin = current().origin
    return Announcer(f"{origin.stream}@{origin.created}", origin.sequence)


@epg_updater.lifespan
@asynccontextmanager
async def open_updater(resources: Resources) -> AsyncGenerator[EpgUpdater]:
    mirakc = resources.http(MIRAKC)
    yield EpgUpdater(
        BucketPrograms(resources),
        PublishedNotices(resources),
        open_guide=lambda source: Mirakc(mirakc, source),
        now=lambda: datetime.now(UTC),
    )
