"""One direction of a change: does this side read what that side writes?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from streamworker_codegen.compat.closing import closed
from streamworker_codegen.compat.containment import covers
from streamworker_codegen.compat.judges import Accepts, judge
from streamworker_codegen.compat.plain import Plain
from streamworker_codegen.compat.trial import Example, Sides, put_to_the_test
from streamworker_codegen.compat.verdicts import Verdict
from streamworker_codegen.documents import Json


@dataclass(frozen=True)
class End:
    """Who writes or who reads: the plain schema, and the validator of the schema as it was written."""

    plain: Plain
    accepts: Accepts

    @property
    def schema(self) -> Json:
        return self.plain.schema


@dataclass(frozen=True)
class Side:
    """verdict: safe, breaking or not proven. tried: messages that it was put to the test with. example: one that breaks it."""

    verdict: Verdict
    tried: int
    example: Example | None = None


UNREAD: Final = Side("safe", 0)


def judged(writes: End, reads: End, shut: bool, tries: int) -> Side:
    """Safe only where it is proven and no made-up message contradicts; breaking only with a message that does. shut: whether the
    writer is held to the fields that its schema names."""
    schema = closed(writes.schema) if shut else writes.schema
    named = judge(schema)
    sides = Sides(schema, reads.schema, lambda value: named(value) and writes.accepts(value), reads.accepts)
    trial = put_to_the_test(sides, tries)
    if trial.example is not None:
        return Side("breaking", trial.tried, trial.example)
    proven = not _stricter(reads.plain, writes.plain) and covers(reads.schema, schema) == "yes"
    return Side("safe" if proven and trial.tried else "not proven", trial.tried)


def _stricter(reads: Plain, writes: Plain) -> bool:
    """Whether the reader may take 1.0 for no integer where the writer does."""
    return True in reads.strict and writes.strict != {True}
