"""Subjects: names, tokens, and the concrete subject of an event."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field
from pydantic.errors import PydanticSchemaGenerationError
from streamworker.contract import Event, Omittable, Part, Timestamp
from streamworker.errors import ConfigurationError, ContractViolation
from streamworker.subject import Subject


class Bronze(Part):
    mark: Annotated[str, Field(alias="hallMark")]


class Steel(Part):
    hall_mark: Annotated[str, Field(alias="hallMark")]


class Maker(Part):
    town: str
    street_name: Annotated[Omittable[str], Field(alias="streetName")] = None


class Bell(Event):
    bell_id: Annotated[int, Field(alias="bellId")]
    name: str = "b"
    cracked: bool = False
    pitch: int | float = 440
    maker: Omittable[Maker] = None
    metal: Omittable[Bronze | Steel] = None
    cast_at: Omittable[Timestamp] = None


def test_a_subject_names_its_filter_and_event() -> None:
    subject = Subject("bells.{maker.town}.rung.{bellId}", Bell)
    assert subject.name == "bells.{maker.town}.rung.{bellId}"
    assert subject.filter == "bells.*.rung.*"
    assert subject.event is Bell
    assert (subject.unknown, subject.readers) == ("refuse", "pipeline")


@pytest.mark.parametrize(
    ("name", "event", "subject"),
    [
        ("bells", Bell(bell_id=1), "bells"),
        ("bells.{bellId}", Bell(bell_id=0), "bells.0"),
        ("bells.{bellId}", Bell(bell_id=-(10**20)), "bells.-100000000000000000000"),
        ("bells.{name}.{bellId}", Bell(bell_id=1, name="big-ben_鐘"), "bells.big-ben_鐘.1"),
        ("bells.{cracked}", Bell(bell_id=1, cracked=True), "bells.true"),
        ("bells.{pitch}", Bell(bell_id=1, pitch=440.0), "bells.440"),
        ("bells.{maker.town}.x", Bell(bell_id=1, maker=Maker(town="Innsbruck")), "bells.Innsbruck.x"),
        ("bells.{maker.streetName}", Bell(bell_id=1, maker=Maker(town="t", street_name="s")), "bells.s"),
        ("bells.{metal.hallMark}", Bell(bell_id=1, metal=Bronze(mark="b")), "bells.b"),
        ("bells.{metal.hallMark}", Bell(bell_id=1, metal=Steel(hall_mark="s")), "bells.s"),
        ("100%.{bellId}", Bell(bell_id=1), "100%.1"),
    ],
)
def test_tokens_are_filled_with_fields_of_the_event(name: str, event: Bell, subject: str) -> None:
    assert Subject(name, Bell).subject_for(event) == subject
    assert Subject(name, Bell).matches(subject)


@pytest.mark.parametrize(
    ("name", "changed", "place"),
    [
        ("bells.{name}", {"name": ""}, "/name"),
        ("bells.{name}", {"name": "a.b"}, "/name"),
        ("bells.{name}", {"name": "*"}, "/name"),
        ("bells.{name}", {"name": "a>"}, "/name"),
        ("bells.{name}", {"name": "a b"}, "/name"),
        ("bells.{name}", {"name": "a\u3000b"}, "/name"),
        ("bells.{name}", {"name": "a\n"}, "/name"),
        ("bells.{name}", {"name": "\x7f"}, "/name"),
        ("bells.{name}", {"name": "a" * 1000}, ""),
        ("bells.{bellId}", {"bell_id": 10**5000}, "/bellId"),
        ("bells.{pitch}", {"pitch": 440.5}, "/pitch"),
        ("bells.{maker.town}", {}, "/maker/town"),
        ("bells.{maker.streetName}", {"maker": Maker(town="t")}, "/maker/streetName"),
        ("bells.{metal.hallMark}", {}, "/metal/hallMark"),
        ("bells.{maker}", {"maker": Maker(town="t")}, "/maker"),
    ],
)
def test_what_cannot_be_a_token_is_refused(name: str, changed: dict[str, Any], place: str) -> None:
    with pytest.raises(ContractViolation) as caught:
        Subject(name, Bell).subject_for(Bell(**{"bell_id": 1, **changed}))
    (violation,) = caught.value.violations
    assert violation.pointer == place


@given(st.text())
def test_any_text_fills_its_token_alone_or_is_refused(text: str) -> None:
    subject = Subject("bells.{name}.rung", Bell)
    try:
        bell = Bell(bell_id=1, name=text)
    except ValueError:  # no Unicode text
        return
    try:
        concrete = subject.subject_for(bell)
    except ContractViolation:
        assert (
            set(text) & set(".*>")
            or not text.isprintable()
            or not text
            or any(map(str.isspace, text))
            or len(text) > 800
        )
    else:
        assert concrete == f"bells.{text}.rung"
        assert subject.tokens(concrete) == {"name": text}


def test_the_tokens_of_a_subject_are_told_by_field() -> None:
    subject = Subject("bells.{maker.town}.rung.{bellId}", Bell)
    assert subject.tokens("bells.Innsbruck.rung.7") == {"maker.town": "Innsbruck", "bellId": "7"}
    with pytest.raises(ValueError, match=r"bells\.Innsbruck\.cast\.7 is not bells"):
        subject.tokens("bells.Innsbruck.cast.7")


@pytest.mark.parametrize(
    ("name", "matching", "other"),
    [
        ("a.{name}", ["a.b", "a.{name}"], ["a", "a.", "a.b.c", "b.b", "xa.b", "a.b\n.c"]),
        ("a.b", ["a.b"], ["axb", "a.b.c", "a.*"]),
        ("a.*.c", ["a.b.c"], ["a.c", "a.b.b.c"]),
        ("a.>", ["a.b", "a.b.c"], ["a", "b.a"]),
    ],
)
def test_a_concrete_subject_is_matched_part_by_part(name: str, matching: list[str], other: list[str]) -> None:
    subject = Subject(name, Bell)
    assert [each for each in (*matching, *other) if subject.matches(each)] == matching


@pytest.mark.parametrize(
    "name", ["", ".", "a..b", "a.", ".a", "a b", "a.{name", "a.name}", "a.{}", "a.x{name}", "a.>.b", "a\t", "a.{na me}"]
)
def test_what_is_no_subject_is_refused_where_it_is_declared(name: str) -> None:
    with pytest.raises(ConfigurationError, match="is not a subject"):
        Subject(name, Bell)


def test_a_token_that_names_no_field_is_refused_where_it_is_declared() -> None:
    with pytest.raises(ConfigurationError, match=r"Bell has no field belId\n  did you mean bellId\?"):
        Subject("bells.{belId}", Bell)
    with pytest.raises(ConfigurationError, match=r"Maker has no field city\n  it has town, streetName"):
        Subject("bells.{maker.city}", Bell)


def test_a_subject_with_wildcards_can_only_be_read_from() -> None:
    subject = Subject("bells.*.{bellId}", Bell)
    assert subject.filter == "bells.*.*"
    with pytest.raises(ConfigurationError, match="can only be read from"):
        subject.subject_for(Bell(bell_id=1))


class Shape(Enum):
    ROUND = "round"


class Coin(BaseModel):
    """Any pydantic model will do."""

    id: UUID
    shape: Shape


def test_a_model_of_the_users_own_fills_tokens() -> None:
    coin = Coin(id=UUID(int=1), shape=Shape.ROUND)
    assert Subject("coins.{shape}.{id}", Coin).subject_for(coin) == "coins.round.00000000-0000-0000-0000-000000000001"


class NotJson:
    """No type that a model could hold."""


class Broken(Event):
    thing: NotJson


def test_a_model_that_can_not_be_built_is_refused_where_its_subject_is_declared() -> None:
    with pytest.raises(PydanticSchemaGenerationError):
        Subject("things", Broken)
