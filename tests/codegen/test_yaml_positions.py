"""YAML 1.2 core values, with positions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamworker_codegen.documents import Json
from streamworker_codegen.errors import Refused
from streamworker_codegen.problems import Problem
from streamworker_codegen.sources import Source
from streamworker_codegen.yaml_positions import parse_yaml


def value_of(text: str) -> Json:
    return parse_yaml(Source("p.yaml", text), "p.yaml").value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"), ("yes", "yes"), ("2026-01-01", "2026-01-01"), ("1_000", "1_000"), ("012", 12), ("0o14", 12), ("0x1F", 31),
        ("1e3", 1000.0), (".5", 0.5), ("-7", -7), ("~", None), ("", None), ("Null", None), ("TRUE", True), ("'true'", "true"),
        ('"1"', "1"), ("30d", "30d"), ("1s..1m", "1s..1m"), ("${A}/x", "${A}/x"), (".inf", ".inf"), ("1e999", "1e999"),
    ],
)  # fmt: skip
def test_plain_scalars_are_of_the_core_schema(text: str, value: Json) -> None:
    assert value_of(f"a: {text}") == {"a": value}


def test_an_old_yaml_version_changes_nothing() -> None:
    assert value_of("%YAML 1.1\n---\na: on\n") == {"a": "on"}


def test_keys_and_values_know_where_they_stand() -> None:
    document = parse_yaml(Source("p.yaml", "a:\n  b: [x, y]\n"), "p.yaml")
    assert str(document.where("/a/b#key")) == "p.yaml:2:3"
    assert str(document.where("/a/b/1")) == "p.yaml:2:10"


def test_a_key_is_text_whatever_it_looks_like() -> None:
    assert value_of("404: x\ntrue: y\n") == {"404": "x", "true": "y"}


@given(st.text(alphabet=st.sampled_from("ab:{}[]&*!|>'\"%@`,?-# \n\t0x\x00\u2028é😀")))
def test_any_text_is_a_value_or_a_problem_with_a_position(text: str) -> None:
    problems: tuple[Problem, ...] = ()
    try:
        value_of(text)
    except Refused as refused:
        problems = refused.problems
    assert all(problem.where.line >= 1 and problem.where.column >= 1 for problem in problems)


def test_a_file_of_brackets_is_refused() -> None:
    with pytest.raises(Refused):
        value_of("[" * 5000)
