"""The base of a user's own errors: how they say their action, and that they do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pytest
from streamworker.actions import DeadLetter, ErrorAction, Ignore, Retry, Stop
from streamworker.errors import ClassifyError, StreamError


class Known(StreamError):
    error_action = Ignore()


class Computed(StreamError):
    @property
    def error_action(self) -> ErrorAction:
        return Retry() if self.args else Stop()


class ComputedOnce(StreamError):
    @cached_property
    def error_action(self) -> ErrorAction:
        return DeadLetter()


class Chosen(StreamError):
    def __init__(self, *, after: float) -> None:
        super().__init__(after)
        self.error_action = Retry(after)


@dataclass
class Declared(StreamError):
    order: str
    error_action = DeadLetter()


class Inherited(Known):
    """Says nothing of its own."""


@pytest.mark.parametrize(
    ("error", "action"),
    [
        (Known("why"), Ignore()),
        (Computed("why"), Retry()),
        (Computed(), Stop()),
        (ComputedOnce(), DeadLetter()),
        (Chosen(after=3), Retry(3)),
        (Declared("7"), DeadLetter()),
        (Inherited(), Ignore()),
    ],
)
def test_an_error_says_its_action(error: StreamError, action: ErrorAction) -> None:
    assert isinstance(error, ClassifyError)
    assert error.error_action == action


def test_the_base_itself_is_not_raised() -> None:
    with pytest.raises(TypeError, match="StreamError does not say its error_action"):
        StreamError("why")


def test_an_error_that_says_nothing_is_not_raised() -> None:
    class Silent(StreamError):
        pass

    with pytest.raises(TypeError, match=r"Silent does not say its error_action: Retry\(\), Ignore\(\)"):
        Silent("why")


@pytest.mark.parametrize("said", ["retry", None, Retry, lambda _self: Retry()])
def test_what_is_no_action_is_refused_where_it_is_said(said: object) -> None:
    """A text, a class that nobody made one of, a method that nobody made a property."""
    with pytest.raises(TypeError, match=r"Wrong\.error_action is no action: say Retry\(\)"):
        type("Wrong", (StreamError,), {"error_action": said})
