"""Makes streams, buckets and object stores as they are declared, or says everything that stands in the way."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from streamworker.errors import BrokerError, ResourceConflict
from streamworker.jetstream.api import STREAM_NOT_FOUND, Api, StreamInfo
from streamworker.jetstream.forbidden import making
from streamworker.jetstream.plan import Plan, Wanted, plan, undeclared

_IN_USE = (10058, 10065)  # another process was faster, or another stream has the subjects


@dataclass(frozen=True)
class Provisioned:
    """What was done, by names for people."""

    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


async def provision(api: Api, wanted: Sequence[Wanted]) -> Provisioned:
    """Make all of `wanted` so. Nothing is touched if anything is in the way.

    Raises ResourceConflict with all that is: what would lose messages, what belongs to somebody else; BrokerError; ConnectionLost.
    """
    plans = await planned(api, wanted)
    _raise_all([conflict for each in plans for conflict in each.conflicts])
    for each in plans:
        await _apply(api, each)
    return Provisioned(*(_names(plans, action) for action in ("create", "update", "keep")))


async def planned(api: Api, wanted: Sequence[Wanted]) -> Sequence[Plan]:
    """What `provision` would do. Nothing is touched. Raises BrokerError; ConnectionLost."""
    return [await _plan(api, each) for each in wanted]


async def _plan(api: Api, wanted: Wanted) -> Plan:
    made = plan(wanted, await _found(api, wanted), time.time_ns())
    if made.action != "create":
        return made
    taken = [(subject, name) for subject in _subjects(wanted) for name in await api.stream_names(subject)]
    if any(name == wanted.name for _, name in taken):
        return await _plan(api, wanted)  # another process has just made it
    return Plan(wanted, "keep", conflicts=tuple(_overlap(wanted, *each) for each in taken)) if taken else made


async def _found(api: Api, wanted: Wanted) -> StreamInfo | None:
    try:
        found = await api.stream_info(wanted.name)
    except BrokerError as error:
        if error.code == STREAM_NOT_FOUND:
            return None
        raise
    for subject in undeclared(wanted, found):
        stored = (await api.stream_info(wanted.name, subjects=subject)).subjects
        found = replace(found, subjects={**found.subjects, **stored})
    return found


def _overlap(wanted: Wanted, subject: str, name: str) -> ResourceConflict:
    hint = "two streams can't store one subject: declare that stream, or change the subject"
    return ResourceConflict(wanted.what, f"its subject {subject} is stored by stream {name} already", hint=hint)


async def _apply(api: Api, made: Plan) -> None:
    try:
        with making(made.wanted.what):
            if made.action == "create":
                await api.create_stream(made.config)
            elif made.action == "update":
                await api.update_stream(made.config)
    except BrokerError as error:
        if error.code not in _IN_USE:
            raise
        again = await _plan(api, made.wanted)  # another process was at it at the same time
        _raise_all(again.conflicts)
        if again.action != "keep":
            raise


def _raise_all(conflicts: Sequence[ResourceConflict]) -> None:
    if len(conflicts) == 1:
        raise conflicts[0]
    if conflicts:
        listed = "".join(f"\n- {conflict}" for conflict in conflicts)
        resources = ", ".join(sorted({conflict.request for conflict in conflicts}))
        raise ResourceConflict(resources, f"{len(conflicts)} conflicts{listed}", hint="nothing was changed")


def _names(plans: Sequence[Plan], action: str) -> tuple[str, ...]:
    return tuple(each.wanted.what for each in plans if each.action == action)


def _subjects(wanted: Wanted) -> Sequence[str]:
    return cast("list[str]", wanted.config["subjects"])
