"""Which programmes are to be recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from generated.events import EpgProgramChanged, RecordingScheduleRequested, Rule

STANDING_RULES: Final[Sequence[Rule]] = (
    Rule(
        rule_id="0c7e2f2a-5d9e-4c5b-9a3e-6a1d5f0b7c01",
        keywords=("連続テレビ小説",),
        channel_types=("GR",),
        genres=(),
        priority=10,
        tags=("朝ドラ",),
    ),
    Rule(
        rule_id="0c7e2f2a-5d9e-4c5b-9a3e-6a1d5f0b7c02",
        keywords=("アニメ",),
        channel_types=(),
        genres=(0, 1, 2, 3, 4, 5),
        free_only=True,
    ),
    Rule(
        rule_id="0c7e2f2a-5d9e-4c5b-9a3e-6a1d5f0b7c03",
        keywords=("大河ドラマ",),
        channel_types=("GR", "BS", "BS4K"),
        genres=(),
        priority=5,
        tags=("大河", "保存"),
    ),
)
"""What is recorded, the first that matches first."""


def rule_for(event: EpgProgramChanged, rules: Sequence[Rule]) -> Rule | None:
    """The first rule that wants the programme."""
    return next((rule for rule in rules if event.change != "removed" and _wants(rule, event)), None)


def requested(event: EpgProgramChanged, rule: Rule, start: datetime, end: datetime) -> RecordingScheduleRequested:
    """The request that `rule` makes for the programme."""
    return RecordingScheduleRequested(
        source=event.source,
        program_id=event.program_id,
        title=event.title or "",
        start_time=start,
        end_time=end,
        channel=event.channel,
        rule_id=rule.rule_id,
        priority=rule.priority,
        tags=rule.tags,
    )


def _wants(rule: Rule, event: EpgProgramChanged) -> bool:
    title = event.title or ""
    return (
        all(keyword in title for keyword in rule.keywords)
        and event.channel.type in (rule.channel_types or (event.channel.type,))
        and (not rule.genres or any(genre.lv1 in rule.genres for genre in event.genres))
        and (event.is_free or not rule.free_only)
    )
