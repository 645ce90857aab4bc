"""Some hundreds of changes whose outcome is known: none is told safe that is not, and few stay unproven.

`make compat-proof` puts each verdict to the test with a thousand messages; here they are fewer.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache

import pytest
from jsonschema_rs import validator_for
from streamworker_codegen.compat.judging import Side, judged

from tests.codegen.compat.ends import end
from tests.codegen.compat.pairs import Pair, Schema, pairs

TRIES = int(os.environ.get("COMPAT_TRIES", "25"))
PAIRS = pairs()
PARTS = 8


@cache
def sides(part: int) -> list[tuple[Pair, str, Schema, Schema, bool, Side]]:
    """Of every eighth pair both directions: what is written, what reads it, whether it can, and the verdict."""
    return [each for pair in PAIRS[part::PARTS] for each in _sides(pair)]


def _sides(pair: Pair) -> Iterator[tuple[Pair, str, Schema, Schema, bool, Side]]:
    old, new = end(pair.old), end(pair.new)
    yield pair, "stored", pair.old, pair.new, pair.stored, judged(old, new, pair.closed, TRIES)
    yield pair, "sent", pair.new, pair.old, pair.sent, judged(new, old, pair.closed, TRIES)


def accepts(schema: Schema, value: object) -> bool:
    return bool(validator_for(schema, validate_formats=True, offline=True).is_valid(value))


def test_there_are_enough_of_them() -> None:
    assert len(PAIRS) >= 300
    assert len({pair.name for pair in PAIRS}) == len(PAIRS)


@pytest.mark.parametrize("part", range(PARTS))
def test_no_change_is_told_safe_that_breaks_a_reader(part: int) -> None:
    wrong = [(pair.name, way) for pair, way, _, _, reads, side in sides(part) if side.verdict == "safe" and not reads]
    assert wrong == []


@pytest.mark.parametrize("part", range(PARTS))
def test_no_change_is_told_breaking_that_breaks_nobody(part: int) -> None:
    found = [
        (pair.name, way, side.example)
        for pair, way, _, _, reads, side in sides(part)
        if side.verdict == "breaking" and reads
    ]
    assert found == []


@pytest.mark.parametrize("part", range(PARTS))
def test_what_breaks_comes_with_a_message_that_one_side_takes_and_the_other_refuses(part: int) -> None:
    for pair, way, writes, reads, _, side in sides(part):
        if side.verdict == "breaking":
            assert accepts(writes, side.example), (pair.name, way)
            assert not accepts(reads, side.example), (pair.name, way)


@pytest.mark.parametrize("part", range(PARTS))
def test_what_is_safe_was_put_to_the_test(part: int) -> None:
    few = [
        (p.name, way, side.tried)
        for p, way, _, _, _, side in sides(part)
        if side.verdict == "safe" and side.tried < TRIES
    ]
    assert few == []


@pytest.mark.parametrize("part", range(PARTS))
def test_at_most_a_tenth_is_not_proven(part: int) -> None:
    unproven = [(pair.name, way) for pair, way, _, _, _, side in sides(part) if side.verdict == "not proven"]
    assert len(unproven) <= len(sides(part)) / 10, unproven
