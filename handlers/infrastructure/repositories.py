"""The recorder's buckets, in the words of `domain.ports`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final, TypeVar

from pydantic import BaseModel
from streamworker.resources import Entry, OpenBucket, Resources, Token

from generated.events import RecordState, Rule, ServiceIndex, StoredProgram
from generated.resources import EPG_INDEX, EPG_PROGRAMS, RECORDS, RULES
from handlers.domain.guide import NOTHING_KNOWN, ServiceKey
from handlers.domain.ports import Kept
from handlers.domain.records import NEW

V = TypeVar("V", bound=BaseModel)

_AT_ONCE: Final = 64  # writes that wait for their answer


class BucketPrograms:
    """Plays `ProgramRepository`."""

    def __init__(self, resources: Resources) -> None:
        self._programs = resources.bucket(EPG_PROGRAMS)
        self._indexes = resources.bucket(EPG_INDEX)

    async def index(self, key: ServiceKey) -> Kept[ServiceIndex]:
        return _kept(await self._indexes.get(tuner=key.tuner, serviceId=key.service_id), NOTHING_KNOWN)

    async def set_index(self, key: ServiceKey, index: ServiceIndex, *, after: int) -> int:
        return await _set(self._indexes, index, after, tuner=key.tuner, serviceId=key.service_id)

    async def add(self, key: ServiceKey, programs: Mapping[int, StoredProgram], *, revision: int) -> None:
        turn = asyncio.Semaphore(_AT_ONCE)

        async def add_one(program_id: int, program: StoredProgram) -> None:
            async with turn:
                await self._programs.put(program, **_tokens(key, program_id, revision))

        async with asyncio.TaskGroup() as group:
            for program_id, program in programs.items():
                group.create_task(add_one(program_id, program))

    async def program(self, key: ServiceKey, program_id: int, revision: int) -> StoredProgram | None:
        entry = await self._programs.get(**_tokens(key, program_id, revision))
        return entry.value if entry else None


def _tokens(key: ServiceKey, program_id: int, revision: int) -> dict[str, Token]:
    return {"tuner": key.tuner, "serviceId": key.service_id, "programId": program_id, "revision": revision}


class BucketRules:
    """Plays `RuleBook`."""

    def __init__(self, resources: Resources) -> None:
        self._rules = resources.bucket(RULES)

    async def rule(self, rule_id: str) -> Rule | None:
        entry = await self._rules.get(ruleId=rule_id)
        return entry.value if entry else None


class BucketRecordStates:
    """Plays `RecordStates`."""

    def __init__(self, resources: Resources) -> None:
        self._states = resources.bucket(RECORDS)

    async def state(self, tuner: str, program_id: int) -> Kept[RecordState]:
        return _kept(await self._states.get(tuner=tuner, programId=program_id), NEW)

    async def set_state(self, tuner: str, program_id: int, state: RecordState, *, after: int) -> None:
        await _set(self._states, state, after, tuner=tuner, programId=program_id)


def _kept(entry: Entry[V] | None, absent: V) -> Kept[V]:
    return Kept(entry.value, entry.revision) if entry else Kept(absent, 0)


async def _set(bucket: OpenBucket[V], value: V, after: int, **tokens: Token) -> int:
    """Write in place of revision `after`, or where nothing is if that is 0. Raises RevisionConflict."""
    return await (bucket.update(value, after, **tokens) if after else bucket.create(value, **tokens))
