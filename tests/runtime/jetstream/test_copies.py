"""The form of partitioned copies: as the server takes it, and read back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from streamworker.errors import ConfigurationError, ResourceConflict
from streamworker.jetstream.api import StreamInfo
from streamworker.jetstream.copies import (
    SOURCE_HEADER,
    Split,
    State,
    check_source,
    config_of,
    origin_in,
    split_of,
    state_of,
    subject_in,
)
from streamworker.subject import Subject


class Placed(BaseModel):
    shop: str
    id: str


PLACED, PAID = Subject("order.placed.{shop}.{id}", Placed), Subject("order.{id}.paid", Placed)
LIMITED = {"retention": "limits", "storage": "file", "max_age": 60, "max_bytes": -1, "max_msgs": 9, "num_replicas": 3}


def info(config: dict[str, object]) -> StreamInfo:
    return StreamInfo(str(config.get("name", "ORDERS")), 7, config, 0, 0, 0, 0, 0, 0, {})


def test_the_partition_goes_by_the_token_of_the_key_wherever_it_stands() -> None:
    assert split_of([PLACED, PAID], "id", 4).transforms(2) == [
        {"src": "order.placed.*.*", "dest": "2.{{partition(4,2)}}.order.placed.{{wildcard(1)}}.{{wildcard(2)}}"},
        {"src": "order.*.paid", "dest": "2.{{partition(4,1)}}.order.{{wildcard(1)}}.paid"},
    ]


def test_a_key_that_is_no_token_of_each_subject_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"shop is no token of order\.\{id\}\.paid"):
        split_of([PLACED, PAID], "shop", 4)


def test_a_copy_keeps_messages_as_long_as_its_source_and_has_no_subject_and_no_window_of_its_own() -> None:
    config = config_of("COPY", State("ORDERS", 7, Split(2, {"a.*": 1}), behind=41), LIMITED)
    assert (config["retention"], config["storage"], config["max_age"], config["max_msgs"]) == ("limits", "file", 60, 9)
    assert config["num_replicas"] == 3
    assert not {"subjects", "duplicate_window", "max_bytes"} & config.keys()
    assert config["sources"] == [
        {
            "name": "ORDERS",
            "opt_start_seq": 42,
            "subject_transforms": [{"src": "a.*", "dest": "0.{{partition(2,1)}}.a.{{wildcard(1)}}"}],
        }
    ]


splits = st.builds(Split, st.integers(1, 99), st.dictionaries(st.sampled_from(["a.*", "b.*.*"]), st.integers(1, 2)))


@given(st.builds(State, st.text(), st.integers(0), splits, st.integers(0), st.integers(0), st.none() | splits))
def test_what_a_copy_says_of_itself_is_read_back(state: State) -> None:
    assert state_of(info({"metadata": state.metadata})) == state


def test_a_copy_that_is_to_be_split_anew_copies_nothing_meanwhile() -> None:
    state = State("ORDERS", 7, Split(2, {"a.*": 1}))
    waiting = replace(state, following=Split(3, {"a.*": 1}))
    assert waiting.sources() == [{"name": "ORDERS", "filter_subject": "streamworker.nothing"}]


@pytest.mark.parametrize("metadata", [None, {}, {"streamworker.copy": "{"}, {"streamworker.copy": '{"source": 1}'}])
def test_a_stream_that_is_no_copy_is_left_alone(metadata: object) -> None:
    with pytest.raises(ResourceConflict, match="streamworker did not make it"):
        state_of(info({"metadata": metadata}))


@pytest.mark.parametrize(
    "change",
    [{"retention": "workqueue"}, {"retention": "interest"}, {"storage": "memory"}, {"max_age": 0, "max_bytes": 9}],
)
def test_a_stream_that_a_copy_can_not_follow_without_loss_is_refused(change: dict[str, object]) -> None:
    check_source(info(LIMITED))
    with pytest.raises(ResourceConflict, match="source stream ORDERS"):
        check_source(info({**LIMITED, **change}))


@pytest.mark.parametrize(
    ("header", "incarnation"),
    [
        ("ORDERS 12 a.* 0.{{partition(2,1)}}.a.{{wildcard(1)}} a.b", ""),
        ("ORDERS 12 a.* 0.{{partition(2,1)}}.a.{{wildcard(1)}} a.b XWJUJswg", "XWJUJswg"),
    ],
)
def test_a_copied_message_says_where_it_was_first_stored(header: str, incarnation: str) -> None:
    assert origin_in({SOURCE_HEADER: header}, 7) == (("ORDERS", 7, 12), incarnation)
    assert subject_in("0.1.order.placed.s.i") == "order.placed.s.i"


@pytest.mark.parametrize("headers", [None, {}, {SOURCE_HEADER: "ORDERS"}, {SOURCE_HEADER: "ORDERS x a.* b"}])
def test_what_the_server_has_not_copied_is_told_apart(headers: dict[str, str] | None) -> None:
    with pytest.raises(ValueError, match=SOURCE_HEADER):
        origin_in(headers, 7)
    with pytest.raises(ValueError):  # noqa: PT011  # whatever it says
        subject_in("order.placed")
