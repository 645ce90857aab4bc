"""Keys of buckets: templates, tokens, filters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamworker.actions import DeadLetter
from streamworker.errors import NeverStored
from streamworker.resources.keys import KeyTemplate

TOKEN = st.from_regex(r"[-/_=A-Za-z0-9]{1,12}", fullmatch=True)
TEMPLATE = KeyTemplate("records", "{tuner}.{programId}")


def test_tokens_fill_the_template() -> None:
    assert TEMPLATE.key({"tuner": "tuner1", "programId": 3273601024}) == "tuner1.3273601024"
    assert KeyTemplate("all", "fixed").key({}) == "fixed"
    assert KeyTemplate("parts", "by-{a}.{b}-x").key({"a": 1, "b": 2}) == "by-1.2-x"


@given(TOKEN, TOKEN)
def test_a_key_gives_its_tokens_back(tuner: str, program: str) -> None:
    assert TEMPLATE.parse(TEMPLATE.key({"tuner": tuner, "programId": program})) == {
        "tuner": tuner,
        "programId": program,
    }


def test_a_key_of_another_template_has_no_tokens() -> None:
    assert TEMPLATE.parse("tuner1") is None
    assert TEMPLATE.parse("tuner1.2.3") is None


def test_tokens_left_open_become_wildcards() -> None:
    assert TEMPLATE.filter({}) == "*.*"
    assert TEMPLATE.filter({"programId": 7}) == "*.7"
    assert KeyTemplate("parts", "fixed.by-{a}").filter({}) == "fixed.*"


@pytest.mark.parametrize("value", ["", "a.b", "*", ">", "a b", "http://x?y", "録画", "a\n", "\r\n", True])
def test_a_value_that_no_key_can_hold_is_refused(value: str) -> None:
    with pytest.raises(
        NeverStored, match=r"bucket records: .* can't be the token tuner of a key\n  a token is made of"
    ) as raised:
        TEMPLATE.key({"tuner": value, "programId": 1})
    assert raised.value.error_action == DeadLetter()


def test_a_key_longer_than_a_server_takes_is_refused() -> None:
    assert len(TEMPLATE.key({"tuner": "x" * 898, "programId": 1})) == 900
    with pytest.raises(NeverStored, match="a key of 901 characters"):
        TEMPLATE.key({"tuner": "x" * 899, "programId": 1})


def test_a_missing_or_unknown_token_is_a_mistake_in_the_code() -> None:
    with pytest.raises(TypeError, match=r"^the key of records also needs programId: it is \{tuner\}\.\{programId\}$"):
        TEMPLATE.key({"tuner": "tuner1"})
    with pytest.raises(TypeError, match=r"^the key of records has no token program: it is \{tuner\}\.\{programId\}$"):
        TEMPLATE.key({"tuner": "tuner1", "program": 1})
    with pytest.raises(TypeError, match="has no token program"):
        TEMPLATE.filter({"program": 1})
