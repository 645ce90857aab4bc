"""What has changed in a service's guide since the last look, and what is said of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from generated.events import (
    Change,
    ChangedProgram,
    Channel,
    EpgProgramChanged,
    EpgStored,
    IndexedChange,
    IndexedProgram,
    ServiceIndex,
    Source,
    StoredProgram,
)

NOTHING_KNOWN: Final = ServiceIndex(revision=0, programs={}, latest=None)
UNKNOWN_PROGRAM: Final = StoredProgram(title=None, start_time=None, end_time=None, is_free=True)


@dataclass(frozen=True)
class ServiceKey:
    """A service of a tuner: mirakc's composed ids are its own, two of them may use the same."""

    tuner: str
    service_id: int


@dataclass(frozen=True)
class Service:
    """A service, as mirakc describes it. `id` is the composed one."""

    id: int
    name: str
    channel: Channel


@dataclass(frozen=True)
class Announcer:
    """The delivery that announces a change: the stream that it came from, its sequence there."""

    stream: str
    sequence: int

    def made(self, change: IndexedChange | None) -> bool:
        return change is not None and (change.stream, change.sequence) == (self.stream, self.sequence)

    def is_overtaken_by(self, change: IndexedChange | None) -> bool:
        """Whether a later delivery has looked already: what this one could say was said, or will be."""
        return change is not None and change.stream == self.stream and change.sequence > self.sequence


def advanced(
    known: ServiceIndex, listed: Mapping[int, StoredProgram], announcer: Announcer, at: datetime
) -> ServiceIndex | None:
    """The index after a look at the guide, with the change that `announcer` is to tell; None where there is nothing to tell.

    A change that another delivery left untold is told along: nobody can know whether that one still lives.
    """
    changed = _changes(known, listed)
    overdue = _overdue(known, changed)
    if not changed and not overdue:
        return None
    latest = IndexedChange(
        stream=announcer.stream,
        sequence=announcer.sequence,
        changed=(*overdue, *changed),
        stored_at=at,
        announced=False,
    )
    programs = {str(id): _indexed(known, id, program) for id, program in listed.items()}
    return ServiceIndex(revision=known.revision + 1, programs=programs, latest=latest)


def announced(index: ServiceIndex, change: IndexedChange) -> ServiceIndex:
    """The index once its latest change was told."""
    told = change.model_copy(update={"announced": True})
    return ServiceIndex(revision=index.revision, programs=index.programs, latest=told)


def changed_at(index: ServiceIndex, change: IndexedChange) -> list[int]:
    """The programmes that changed with the index's own revision, not before."""
    return [it.program_id for it in change.changed if it.revision == index.revision]


def service_stored(source: Source, service: Service, index: ServiceIndex, change: IndexedChange) -> EpgStored:
    return EpgStored(
        source=source,
        service_id=service.id,
        service_name=service.name,
        channel=service.channel,
        program_count=len(index.programs),
        changed=change.changed,
        stored_at=change.stored_at,
    )


def program_changed(stored: EpgStored, changed: ChangedProgram, program: StoredProgram) -> EpgProgramChanged:
    return EpgProgramChanged(
        source=stored.source,
        program_id=changed.program_id,
        service_id=stored.service_id,
        change=changed.change,
        revision=changed.revision,
        title=program.title,
        description=program.description,
        extended=program.extended,
        start_time=program.start_time,
        end_time=program.end_time,
        is_free=program.is_free,
        channel=stored.channel,
        genres=program.genres,
        video=program.video,
        audios=program.audios,
    )


def _changes(known: ServiceIndex, listed: Mapping[int, StoredProgram]) -> tuple[ChangedProgram, ...]:
    """By program id, so that the same guide is always told in the same order."""
    revision = known.revision + 1
    ids = sorted({*listed, *map(int, known.programs)})
    return tuple(
        ChangedProgram(program_id=id, change=change, revision=revision)
        for id in ids
        if (change := _change(known.programs.get(str(id)), listed.get(id)))
    )


def _change(before: IndexedProgram | None, after: StoredProgram | None) -> Change | None:
    if before is None:
        return "added"
    if after is None:
        return "removed"
    return "updated" if before.hash != fingerprint(after) else None


def _overdue(known: ServiceIndex, changed: tuple[ChangedProgram, ...]) -> tuple[ChangedProgram, ...]:
    if known.latest is None or known.latest.announced:
        return ()
    again = {it.program_id for it in changed}
    return tuple(it for it in known.latest.changed if it.program_id not in again)


def _indexed(known: ServiceIndex, id: int, program: StoredProgram) -> IndexedProgram:
    before, now = known.programs.get(str(id)), fingerprint(program)
    return before if before and before.hash == now else IndexedProgram(hash=now, revision=known.revision + 1)


def fingerprint(program: StoredProgram) -> str:
    """Of all that is kept of the programme: two that differ anywhere have two."""
    return hashlib.sha256(program.model_dump_json().encode()).hexdigest()[:16]
