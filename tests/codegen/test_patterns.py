"""Subjects as NATS matches them."""

from __future__ import annotations

import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamworker_codegen.errors import MalformedSubject
from streamworker_codegen.patterns import FilterIndex, covers, malformed_filter, overlap, parse_subject

WORDS = ("a", "b")
FILTERS = st.tuples(st.lists(st.sampled_from((*WORDS, "*")), min_size=1, max_size=3), st.booleans()).map(
    lambda parts: ".".join([*parts[0], *([">"] if parts[1] else [])])
)
CONCRETE = [".".join(words) for length in range(1, 5) for words in product(WORDS, repeat=length)]


def matches(filter: str, subject: str) -> bool:
    """The plainest reading of what NATS says."""
    pattern = re.escape(filter).replace(r"\*", "[^.]+").replace(">", ".+")
    return re.fullmatch(pattern, subject) is not None


@given(FILTERS, FILTERS)
def test_two_filters_overlap_where_some_subject_matches_both(one: str, other: str) -> None:
    assert overlap(one, other) == any(matches(one, subject) and matches(other, subject) for subject in CONCRETE)


@given(FILTERS, FILTERS)
def test_a_filter_covers_another_whose_every_subject_it_matches(general: str, special: str) -> None:
    if covers(general, special):
        assert all(matches(general, subject) for subject in CONCRETE if matches(special, subject))
    # Words beyond those of CONCRETE match a wildcard too, so that only a wildcard covers a wildcard.
    if "*" not in special and ">" not in special:
        assert covers(general, special) == matches(general, special)


@given(st.lists(FILTERS.filter(lambda each: ">" not in each), unique=True), FILTERS)
def test_the_index_finds_what_comparing_each_finds(known: list[str], wanted: str) -> None:
    index: FilterIndex[str] = FilterIndex()
    for each in known:
        index.add(each, each)
    assert sorted(index.overlapping(wanted)) == sorted(each for each in known if overlap(each, wanted))


def test_a_declared_subject_has_tokens_that_may_be_dotted() -> None:
    declared = parse_subject("recording.record.completed.{source.tuner}.{recordId}")
    assert declared.tokens == ("source.tuner", "recordId")
    assert declared.filter == "recording.record.completed.*.*"
    assert declared.literals == ("recording", "record", "completed")


@pytest.mark.parametrize("name", ["orders.class.{class}", "orders.import.{id}", "注文.{番号}"])
def test_keywords_and_other_alphabets_may_stand_in_a_subject(name: str) -> None:
    assert parse_subject(name).name == name


WRONG = [
    *("", ".", "a.", ".a", "a..b", "a b", "a\tb", "a.*", "a.>"),
    *("a{b}", "{b}c", "a.{b", "a.{}", "a.{b c}", "$JS.a", "a\x00"),
]


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_subject_is_refused(name: str) -> None:
    with pytest.raises(MalformedSubject):
        parse_subject(name)


@pytest.mark.parametrize(
    ("filter", "fine"),
    [("a.*", True), (">", True), ("a.>", True), ("a.>.b", False), ("a*", False), ("a b", False), ("", False)],
)
def test_a_filter_has_its_wildcards_alone_between_dots(filter: str, fine: bool) -> None:
    assert (malformed_filter(filter) == "") == fine
