"""The tests of the docs can fail: what is not so does not pass."""

from __future__ import annotations

import pytest

from tests.docs.project import is_excerpt, matches

PRINTED = ["created a, b", "worker: idle", "worker: in 3", "done"]


@pytest.mark.parametrize(
    "shown",
    [
        PRINTED,
        ["...", "done"],
        ["created a, b", "..."],
        ["created ...", "...", "worker: in 3", "done"],
        ["...", "worker: idle", "...", "done", "..."],
    ],
)
def test_what_was_printed_matches(shown: list[str]) -> None:
    assert matches(shown, PRINTED)


@pytest.mark.parametrize(
    "shown",
    [
        [],
        ["done"],
        ["created a, b"],
        ["...", "worker: in 4", "done"],
        ["...", "worker: in 3", "worker: idle", "..."],
        ["...", "worker: idle", "done"],
        [*PRINTED, "more"],
    ],
)
def test_what_was_not_printed_does_not(shown: list[str]) -> None:
    assert not matches(shown, PRINTED)


def test_an_excerpt_stands_in_the_file_in_its_order() -> None:
    whole = "a = 1\nb = 2\nc = 3\nd = 4\n"

    assert is_excerpt("b = 2\nc = 3\n", whole)
    assert is_excerpt("a = 1\n...\nd = 4\n", whole)
    assert not is_excerpt("a = 1\nc = 3\n", whole)
    assert not is_excerpt("d = 4\n...\na = 1\n", whole)
    assert not is_excerpt("a = 1\n...\ne = 5\n", whole)
