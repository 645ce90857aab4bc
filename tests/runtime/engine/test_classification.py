"""Which action an error calls for."""

from __future__ import annotations

import pytest
from streamworker.actions import DeadLetter, ErrorAction, Ignore, Retry, Stop
from streamworker.engine.classification import Classification
from streamworker.errors import (
    ContractViolation,
    HandlerNotWritten,
    NeverStored,
    PublishRefused,
    RevisionConflict,
    StreamError,
    Violation,
)


class OfOurs(StreamError):
    error_action = Ignore()


class OfALibrary(Exception):
    error_action = Ignore()


class Timeout(OSError):
    pass


@pytest.mark.parametrize(
    ("error", "action"),
    [
        (OfOurs(), Ignore()),
        (OfALibrary(), Ignore()),
        (ValueError(), None),
        (ContractViolation("Parcel", [Violation("", "an object")]), DeadLetter()),
        (PublishRefused("alert.1", 0, "too large"), DeadLetter()),
        (RevisionConflict("states", "key"), Retry(after=0)),
    ],
)
def test_an_error_is_taken_at_its_word(error: Exception, action: ErrorAction | None) -> None:
    assert Classification().action(error) == action


def test_once_the_errors_are_said_others_are_not_taken_at_their_word_but_for_those_of_streamworker() -> None:
    said = Classification(errors=(OfOurs,))
    assert said.action(OfOurs()) == Ignore()
    assert said.action(OfALibrary()) is None
    assert said.action(RevisionConflict("states", "key")) == Retry(after=0)
    assert said.action(NeverStored("a key that is none", hint="mend it")) == DeadLetter()


def test_a_stub_stops_its_worker_whatever_the_binding_says() -> None:
    said = Classification(errors=(OfOurs,), classes={Exception: DeadLetter()})
    assert said.action(HandlerNotWritten("packer", "OrderPaid")) == Stop()


def test_the_nearest_class_that_the_binding_names_wins_over_what_the_error_says() -> None:
    bound = Classification(classes={Exception: Stop(), OSError: Retry(), OfOurs: DeadLetter()})
    assert bound.action(Timeout()) == Retry()
    assert bound.action(OfOurs()) == DeadLetter()
    assert bound.action(ValueError()) == Stop()
