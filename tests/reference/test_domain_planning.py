"""Which programmes are recorded, and what is booked for them."""

from __future__ import annotations

import pytest

from generated.events import Channel, RecordingScheduleBooked, RecordingScheduleRejected, Rule
from handlers.domain.booking import Accepted, Order, Refused, order, outcome
from handlers.domain.planning import STANDING_RULES, rule_for
from tests.reference.events import NOW, PROGRAM_ID, program_changed, requested

ANY = Rule(rule_id="3f2c6d0e-1111-4222-8333-444455556666", keywords=("ニュース",), channel_types=(), genres=())
FREE_NEWS_ON_GR = ANY.model_copy(update={"channel_types": ("GR",), "genres": (0,), "free_only": True})


def test_a_rule_wants_what_has_all_of_its_keywords() -> None:
    assert rule_for(program_changed("朝のニュース"), [ANY]) is ANY
    assert rule_for(program_changed("天気"), [ANY]) is None
    assert rule_for(program_changed(None), [ANY]) is None


@pytest.mark.parametrize(
    "other",
    [
        program_changed(channel=Channel(type="BS", channel="BS01_0")),
        program_changed(genre=7),
        program_changed(is_free=False),
        program_changed(change="removed"),
    ],
)
def test_a_rule_does_not_want_the_rest(other: object) -> None:
    assert rule_for(program_changed(), [FREE_NEWS_ON_GR]) is FREE_NEWS_ON_GR
    assert rule_for(other, [FREE_NEWS_ON_GR]) is None  # type: ignore[arg-type]  # parametrize loses the type


def test_the_first_rule_that_wants_it_wins() -> None:
    assert rule_for(program_changed(), [FREE_NEWS_ON_GR, ANY]) is FREE_NEWS_ON_GR


def test_standing_rules_are_told_apart_by_their_ids() -> None:
    assert len({rule.rule_id for rule in STANDING_RULES}) == len(STANDING_RULES)


def test_an_order_takes_the_requests_priority_and_the_households_folder() -> None:
    in_folder = ANY.model_copy(update={"folder": "朝"})
    assert order(requested(), None) == Order(PROGRAM_ID, 3, ("朝",), None)
    assert order(requested(), in_folder) == Order(PROGRAM_ID, 3, ("朝",), f"朝/{PROGRAM_ID}.m2ts")


def test_an_answer_becomes_the_event_of_its_kind() -> None:
    booked = outcome(requested(), Accepted("recording", existed=True), NOW)
    assert isinstance(booked, RecordingScheduleBooked)
    assert (booked.state, booked.already_existed, booked.program_id) == ("recording", True, PROGRAM_ID)
    rejected = outcome(requested(), Refused(404, "program-not-found", None), NOW)
    assert isinstance(rejected, RecordingScheduleRejected)
    assert (rejected.http_status, rejected.cause, rejected.detail) == (404, "program-not-found", None)
