"""The simulated world: sizes, determinism, and mirakc's habits."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

from tests.simulator.frames import Frame
from tests.simulator.guide import Guide, program_json, programs_bytes
from tests.simulator.scenario import HOUR, Scenario
from tests.simulator.world import World

SMALL = Scenario(services=3, programs=300, nameless=100, start=1767312000000, recordings=30)


async def told(scenario: Scenario, hours: int) -> list[Frame]:
    """All that happens in the first hours."""
    frames: list[Frame] = []

    async def emit(frame: Frame) -> None:
        frames.append(frame)

    world = World(scenario, ["http://sim/pages/1"], emit)
    await world.timeline.advance(scenario.start + hours * HOUR)
    return frames


def test_a_guide_has_the_sizes_that_were_asked_for() -> None:
    guide = Guide(Scenario(), [])
    programs = [program for service in guide.services.values() for program in service.programs.values()]
    assert (len(guide.services), len(programs)) == (19, 7139)
    assert sum(program.text is None for program in programs) == 4459
    assert len({program.id for program in programs}) == 7139


async def test_the_same_scenario_is_the_same_world() -> None:
    assert await told(SMALL, 12) == await told(SMALL, 12)
    assert await told(SMALL, 12) != await told(replace(SMALL, seed=2), 12)


async def test_everything_that_mirakc_tells_of_happens_within_a_few_days() -> None:
    frames = await told(SMALL, 48)
    reasons = {json.loads(it.data or "")["reason"]["type"] for it in frames if it.event == "recording.failed"}
    assert {it.event for it in frames} >= {
        "epg.programs-updated",
        "onair.program-changed",
        "tuner.status-changed",
        "timeshift.timeline",
        "recording.started",
        "recording.failed",
        "recording.record-saved",
        "recording.stopped",
        "recording.content-removed",
    }
    assert reasons >= {"io-error", "pipeline-error", "need-rescheduling", "schedule-expired", "start-recording-failed"}


async def test_a_recording_starts_is_saved_and_comes_to_one_end() -> None:
    """Every record is saved as `recording` first, repeatedly, and then as what became of it, and never as two things."""
    saved: dict[str, list[str]] = {}
    for it in await told(SMALL, 48):
        if it.event == "recording.record-saved":
            payload = json.loads(it.data or "")
            saved.setdefault(payload["recordId"], []).append(payload["recordingStatus"])
    assert len(saved) > 50
    for statuses in saved.values():
        assert statuses[0] == "recording"
        assert len(set(statuses) - {"recording"}) <= 1
        assert statuses == sorted(statuses, key=lambda status: status != "recording")
    assert max(Counter(statuses)["recording"] for statuses in saved.values()) > 2


async def test_failures_of_a_recording_come_before_it_has_stopped() -> None:
    frames = await told(SMALL, 48)
    stopped: set[int] = set()
    for it in frames:
        payload = json.loads(it.data or "")
        if it.event == "recording.started":
            stopped.discard(payload["programId"])
        if it.event == "recording.stopped":
            stopped.add(payload["programId"])
        if it.event == "recording.failed":
            assert payload["programId"] not in stopped


async def test_the_guide_changes_while_time_passes() -> None:
    async def ignore(_frame: Frame) -> None: ...

    world = World(SMALL, [], ignore)
    before = {service.id: programs_bytes(list(service.programs.values())) for service in world.guide.services.values()}
    ids = {program for service in world.guide.services.values() for program in service.programs}
    await world.timeline.advance(SMALL.start + 24 * HOUR)
    after = {service.id: programs_bytes(list(service.programs.values())) for service in world.guide.services.values()}
    changed = {program for service in world.guide.services.values() for program in service.programs}
    assert all(before[service] != after[service] for service in before)
    assert ids - changed, "some are removed"
    assert changed - ids, "some are added"


def test_nameless_rows_hold_times_alone_and_some_not_even_those() -> None:
    guide = Guide(Scenario(), [])
    rows = [program_json(it) for service in guide.services.values() for it in service.programs.values() if not it.text]
    assert {frozenset(row) for row in rows} == {
        frozenset({"id", "eventId", "serviceId", "networkId", "startAt", "duration", "isFree"})
    }
    assert any(row["startAt"] is None for row in rows)


def test_texts_hold_what_some_programme_somewhere_stumbles_over() -> None:
    """Signs beyond the first plane, U+FFFD and control characters; the bytes are JSON all the same."""
    guide = Guide(Scenario(), ["http://sim/pages/1"])
    listed = b"".join(programs_bytes(list(service.programs.values())) for service in guide.services.values()).decode()
    assert all(text in listed for text in ("🈑", "\ufffd", "\\u0000", "\\u0007", "http://sim/pages/1"))
    assert all(json.loads(programs_bytes(list(service.programs.values()))) for service in guide.services.values())
