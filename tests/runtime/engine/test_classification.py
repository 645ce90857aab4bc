"""Which action an error calls for."""

from __future__ import annotations

import pytest
from streamworker.actions import DeadLetter, ErrorAction, Ignore, Retry, Stop
from streamworker.engine.classification import Classification
from streamworker.errors import ContractViolation, StreamError, Violation


class Known(StreamError):
    error_action = Ignore()


class Other(Exception):
    error_action = Stop()


class Broken(Exception):
    @property
    def error_action(self) -> ErrorAction:
        raise KeyError("secret")


class Mumbles(StreamError):
    def __init__(self) -> None:
        self.error_action = "secret"


def test_an_error_is_taken_at_its_word() -> None:
    assert Classification().action(Known()) == Ignore()
    assert Classification().action(Other()) == Stop()
    assert Classification().action(KeyError()) is None


def test_once_errors_are_named_the_word_of_others_counts_for_nothing() -> None:
    rules = Classification(errors=(Known,))
    assert rules.action(Known()) == Ignore()
    assert rules.action(Other()) is None


def test_what_the_binding_says_comes_first_and_the_nearest_class_wins() -> None:
    rules = Classification(classes={LookupError: Stop(), KeyError: Retry(3), Known: DeadLetter()})
    assert rules.action(KeyError()) == Retry(3)
    assert rules.action(IndexError()) == Stop()
    assert rules.action(Known()) == DeadLetter()


def test_what_the_contract_refuses_is_dead_unless_the_binding_says_otherwise() -> None:
    violation = ContractViolation("Order", [Violation("", "a number")])
    assert Classification().action(violation) == DeadLetter()
    assert Classification(classes={ContractViolation: Ignore()}).action(violation) == Ignore()


@pytest.mark.parametrize(
    ("error", "found"), [(Broken(), "Broken.error_action is no action but a KeyError"), (Mumbles(), "a str")]
)
def test_an_error_that_says_no_action_is_unclassified_and_told(
    error: Exception, found: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever an `error_action` does, the delivery still gets its settlement."""
    assert Classification().action(error) is None
    assert found in caplog.text
    assert "secret" not in caplog.text
