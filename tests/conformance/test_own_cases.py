"""Cases of our own, in the suite's manner: what is hard to decide, or once was decided wrong. The suite itself: `make conformance`."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.conformance.deciding import Decision, decide
from tests.conformance.projects import batches, compiled
from tests.conformance.suite import Case, Group
from tests.conformance.verbatim import Json, read, write

CASES: Final = Path(__file__).with_name("own_cases.json")
REMOTES: Final[Mapping[str, Json]] = {
    "no-types.json": {  # a metaschema under which `type` says nothing
        "$id": "http://localhost:1234/no-types.json",
        "$vocabulary": {
            "https://json-schema.org/draft/2020-12/vocab/core": True,
            "https://json-schema.org/draft/2020-12/vocab/applicator": True,
        },
        "allOf": [
            {"$ref": "https://json-schema.org/draft/2020-12/meta/core"},
            {"$ref": "https://json-schema.org/draft/2020-12/meta/applicator"},
        ],
    },
    "folder/entry.json": {
        "type": "object",
        "properties": {"next": {"$ref": "entry.json"}, "n": {"$ref": "../folder/number.json"}},
    },
    "folder/number.json": {"type": "integer"},
}


def own_groups() -> Iterator[Group]:
    listed = read(CASES.read_text("utf-8"))
    assert isinstance(listed, list)
    for at, each in enumerate(listed):
        assert isinstance(each, dict)
        cases = tuple(_case(value, name == "valid") for name in ("valid", "invalid") for value in _list(each[name]))
        for draft in _list(each["drafts"]):
            yield Group(str(draft), "own", at, write(each["schema"]), each["schema"], cases)


def _case(value: Json, valid: bool) -> Case:
    return Case(write(value), value, valid)


def _list(value: Json) -> list[Json]:
    assert isinstance(value, list)
    return value


GROUPS: Final = {group.name: group for group in own_groups()}


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, list[Decision]]]:
    folder = tmp_path_factory.mktemp("conformance")
    decisions: defaultdict[str, list[Decision]] = defaultdict(list)
    path = list(sys.path)
    for at, batch in enumerate(batches(GROUPS.values())):
        for event, subject in compiled(batch, REMOTES, folder / f"own_cases_{at}"):
            decisions[event.group.name] += [decide(event, case, subject) for case in event.cases]
        assert batch.refused == {}
    yield decisions
    sys.path[:] = path


@pytest.mark.parametrize("name", GROUPS)
def test_generated_code_decides_as_the_schema_says_and_gives_back_what_it_took(
    name: str, decided: Mapping[str, list[Decision]]
) -> None:
    decisions = decided[name]
    assert len(decisions) >= len(GROUPS[name].cases)
    assert [f"{each.wrong}: {each.name}: {each.detail}" for each in decisions if each.wrong] == []


def test_cases_of_every_kind_are_decided(decided: Mapping[str, list[Decision]]) -> None:
    """Else what stands above would prove little."""
    all_ = [each for decisions in decided.values() for each in decisions]
    assert {(each.by_model, each.case.valid) for each in all_} >= {(True, True), (False, True), (False, False)}
    assert {each.event.use for each in all_} == {"field", "typed field", "event"}
