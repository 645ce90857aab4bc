"""The reference pipeline at life size, three times, each held to the simulator's own log of what it sent."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
from collections import Counter
from pathlib import Path

import pytest

from handlers.domain.planning import STANDING_RULES
from tests.integration.recorder import Json, Outcome, run_recorder
from tests.simulator.pages import Pages

LIFE = ("--services", "19", "--programs", "7139", "--speed", "1200", "--duration", "5")

# One clean; one where what is sent is odd; one where connections break and mirakc has just started. RECORDER_SEEDS chooses others.
CONDITIONS: tuple[tuple[str, ...], ...] = (
    (),
    tuple(
        f"--fault={fault}"
        for fault in (
            *("bad-json=0.02", "not-an-object=0.02", "wrong-fields=0.02", "unknown-reason=0.02", "unknown-event=0.02"),
            *("nameless=0.02", "without-data=0.02", "crlf=0.1", "comments=0.1", "many-lines=0.1", "split=0.2"),
            *("byte-order-mark=1", "server-error=0.02", "truncated=0.01", "slow=0.005"),
        )
    ),
    ("--cold=30", "--fault=drop=0.002", "--fault=cut=0.001", "--fault=unavailable=0.02"),
)
SEEDS = [int(seed) for seed in os.environ.get("RECORDER_SEEDS", "1,2,3").split(",")]


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"seed-{seed}")
def outcome(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    seed = int(request.param)
    folder: Path = tmp_path_factory.mktemp(f"recorder-{seed}")
    return asyncio.run(run_recorder(folder, seed, *LIFE, *CONDITIONS[(seed - 1) % len(CONDITIONS)]))


def sent(event: Json) -> str:
    """What the simulator sent of an ingested event, as text that compares."""
    return json.dumps(
        {k: v for k, v in event.items() if k not in ("source", "connection", "receivedAt")}, sort_keys=True
    )


def test_every_recording_event_is_stored_once(outcome: Outcome) -> None:
    frames = [it for it in outcome.log.frames("valid") if (it.event or "").startswith("recording.")]
    told = Counter((it.event, sent(it.payload)) for it in frames)
    stored = Counter(
        (re.sub(r"^mirakc\.|\.tuner1\..*$", "", it.subject), sent(json.loads(it.data)))
        for it in outcome.left.streams["MIRAKC_RECORDING"]
    )
    assert stored == told
    assert len(frames) > 50


def test_state_is_the_latest_of_each_key(outcome: Outcome) -> None:
    latest = {}
    for frame in outcome.log.frames("valid"):
        payload = frame.payload
        key = next((payload[it] for it in ("serviceId", "tunerIndex", "recorder") if it in payload), None)
        if key is not None:
            latest[f"mirakc.{frame.event}.tuner1.{key}"] = sent(payload)
    assert {it.subject: sent(json.loads(it.data)) for it in outcome.left.streams["MIRAKC_STATE"]} == latest


def test_every_bad_frame_is_a_dead_letter_and_nothing_else_is(outcome: Outcome) -> None:
    bad = Counter(it.data for it in outcome.log.frames("invalid"))
    assert bool(bad) == any("bad-json" in it for it in outcome.options)
    assert Counter(it.data.decode() for it in outcome.left.letters) == bad


def test_the_guide_is_known_as_it_was_shown_last(outcome: Outcome) -> None:
    for service, shown in outcome.guide.items():
        index = outcome.left.buckets["epg_index"][f"tuner1.{service}"]
        assert set(index["programs"]) == {str(id) for id in shown}
        for id, row in shown.items():
            revision = index["programs"][str(id)]["revision"]
            kept = outcome.left.buckets["epg_programs"][f"tuner1.{service}.{id}.{revision}"]
            assert kept["title"] == row.get("name")
            assert kept.get("extended") == row.get("extended")
        assert index["latest"]["announced"]


def test_what_was_announced_adds_up_to_the_guide(outcome: Outcome) -> None:
    """Programme by programme, the latest word is what the guide says, and no word is said twice."""
    stored, changed = (outcome.left.events("EPG", it) for it in ("epg.service.stored.", "epg.program.changed."))
    assert sum(len(it["changed"]) for it in stored) == len(changed)
    latest = {it["programId"]: it for it in sorted(changed, key=lambda it: int(it["revision"]))}
    shown = {id: row for rows in outcome.guide.values() for id, row in rows.items()}
    assert {id for id, it in latest.items() if it["change"] != "removed"} == set(shown)
    assert {id: it["title"] for id, it in latest.items() if id in shown} == {
        id: it.get("name") for id, it in shown.items()
    }


def wanted(event: Json) -> bool:
    """Whether a rule wants the programme, by a reading of the rules that is not the planner's."""
    title, kind, genres = event["title"] or "", event["channel"]["type"], {it["lv1"] for it in event.get("genres", [])}
    times = (event["startTime"], event["endTime"])
    return event["change"] != "removed" and None not in times and times[0] < times[1] and any(
        all(keyword in title for keyword in rule.keywords)
        and (not rule.channel_types or kind in rule.channel_types)
        and (not rule.genres or genres & set(rule.genres))
        and (event["isFree"] or not rule.free_only)
        for rule in STANDING_RULES
    )  # fmt: skip


def test_every_wanted_programme_is_requested_once_and_answered_once(outcome: Outcome) -> None:
    requests, booked, rejected = (
        outcome.left.events("RECORDING", f"recording.schedule.{it}.") for it in ("requested", "booked", "rejected")
    )
    ends = Counter(it["programId"] for it in outcome.left.events("EPG", "epg.program.changed.") if wanted(it))
    asked = Counter(it["programId"] for it in requests)
    assert asked <= ends
    past = ends - asked
    assert sum(past.values()) < sum(asked.values()) / 4, "what is over is not requested, and that is little"
    answered = Counter(it["programId"] for it in booked) + Counter(it["programId"] for it in rejected)
    assert answered == asked
    assert {it["programId"] for it in booked if not it["alreadyExisted"]} <= set(outcome.log.booked)
    assert set(outcome.log.booked) <= {it["programId"] for it in booked}
    assert len(asked) > 100


def test_every_recording_that_came_to_an_end_is_said_to_have_once(outcome: Outcome) -> None:
    ends, reasons = {}, dict[int, list[Json]]()
    for frame in outcome.log.frames("valid"):
        payload = frame.payload
        if frame.event == "recording.record-saved" and payload["recordingStatus"] != "recording":
            ends[payload["recordId"]] = payload["recordingStatus"]
        if frame.event == "recording.failed" and payload["reason"]["type"] != "need-rescheduling":
            reasons.setdefault(payload["programId"], []).append(payload["reason"])
    completed = outcome.left.events("RECORDING", "recording.record.completed.")
    said = {it["recordId"]: it["outcome"] for it in completed}
    assert len(said) == len(completed) > 5
    missed = {id for id, status in ends.items() if status == "failed" and int(id[16:], 16) not in reasons}
    assert set(ends) - missed <= set(said) <= set(ends)
    for id, outcome_of in said.items():
        assert outcome_of["kind"] == ends[id]
        if outcome_of["kind"] == "failed" and id not in missed:
            assert outcome_of["reason"] in reasons[int(id[16:], 16)]


def test_the_pictures_of_all_pages_that_have_one_are_kept(outcome: Outcome) -> None:
    found = outcome.left.events("EPG", "ogp.page.discovered.")
    assert all(it["urlHash"] == hashlib.sha256(it["url"].encode()).hexdigest() for it in found)
    pages = Pages(outcome.seed, outcome.url)
    images = {it["urlHash"]: pages.image(int(it["url"].rpartition("/")[2])) for it in found}
    assert outcome.left.objects == {name: image for name, image in images.items() if image}
    assert len(outcome.left.objects) > 50


def test_all_counts_of_the_report_add_up(outcome: Outcome) -> None:
    """What came in was settled, and what was published is what the streams hold."""
    books = {
        name: Books(line) for name, line in re.findall(r"^  ([a-z-]+) +([\d,]+ in = .*)$", outcome.report, re.MULTILINE)
    }
    frames = Counter(it.reading for it in outcome.log.frames("valid", "invalid", "unmapped"))
    assert books["mirakc"].fates == {
        "published": frames["valid"],
        **({"refused": frames["invalid"]} if frames["invalid"] else {}),
        "dropped": frames["unmapped"],
    }
    held = {
        "epg-updater": len(outcome.left.events("EPG", "epg.service.stored.")),
        "program-fanout": len(outcome.left.events("EPG", "epg.program.changed."))
        + len(outcome.left.events("EPG", "ogp.page.discovered.")),
        "schedule-planner": len(outcome.left.events("RECORDING", "recording.schedule.requested.")),
        "scheduler": len(outcome.left.events("RECORDING", "recording.schedule.booked."))
        + len(outcome.left.events("RECORDING", "recording.schedule.rejected.")),
        "record-watcher": len(outcome.left.events("RECORDING", "recording.record.completed.")),
        "ogp-collector": 0,
    }
    assert {name: it.published for name, it in books.items() if name in held} == held
    assert all(it.received == sum(it.fates.values()) for it in books.values())
    assert not any(it.fates.get("dead-lettered") for it in books.values())


class Books:
    """A line of the report, read: how many came in, what became of them, how many outputs were published."""

    def __init__(self, line: str) -> None:
        took, _, gave = line.partition("; ")
        received, _, fates = took.partition(" in = ")
        self.received = _number(received)
        parts = (part.split(" ")[:2] for part in fates.split(" + "))
        self.fates = {name: _number(number) for number, name in parts}
        self.published = _number(gave.split(" ")[0]) if gave else 0


def _number(text: str) -> int:
    return int(text.replace(",", ""))
