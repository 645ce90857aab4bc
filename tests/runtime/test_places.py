"""Where an error was raised: the line of the handler's own code that whoever mends it has to look at."""

from __future__ import annotations

import json

import pytest
from streamworker.places import place_of


def _handler(text: str) -> object:
    return json.loads(text)


def test_an_error_from_within_a_library_is_placed_where_the_handler_called_it() -> None:
    with pytest.raises(json.JSONDecodeError) as raised:
        _handler("{")
    assert place_of(raised.value) == f"runtime/test_places.py:{_handler.__code__.co_firstlineno + 1} in _handler"


def test_an_error_that_was_never_raised_has_no_place() -> None:
    assert place_of(ValueError("made, not raised")) == ""
