"""Schemas by which a small value could keep a process busy for ever: each ends, in reasonable time."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import BaseModel
from streamworker.contract import Contracts
from streamworker.contract.codec import SchemaCodec
from streamworker.errors import ContractViolation
from streamworker_codegen.components import components
from streamworker_codegen.documents import Place
from streamworker_codegen.references import check_references
from streamworker_codegen.registry import Registry
from streamworker_codegen.repeats import Repeats

from tests.codegen.contracts import contracts_of
from tests.codegen.projects import registry_of, render_events

SOON: Final = 2.0
"""Seconds; without the bounds these take hours."""


def node(**more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}, **more}, "required": ["next", *more]}


def event(title: str, *alternatives: dict[str, Any], keyword: str = "anyOf") -> dict[str, Any]:
    nodes = {"Node": {keyword: [*alternatives, {"type": "integer"}]}}
    return {"title": title, "type": "object", "properties": {"node": {"$ref": "#/$defs/Node"}}, "$defs": nodes}


EVENTS: Final = {
    "untold.json": event("Untold", node(), {**node(), "minProperties": 1}),
    "told.json": event("Told", node(kind={"const": "a"}), node(kind={"const": "b"}), keyword="oneOf"),
    "both.json": {
        "title": "Both",
        "type": "object",
        "allOf": [{"properties": {"next": {"$ref": "#"}}}, {"properties": {"next": {"$ref": "#"}}}],
    },
    "list.json": event("List", node()),
    "tree.json": {"title": "Tree", "type": "object", "properties": {each: {"$ref": "#"} for each in ("left", "right")}},
}


@pytest.fixture(scope="module")
def codecs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, SchemaCodec[BaseModel]]]:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "schemas/events").mkdir(parents=True)
    for name, schema in EVENTS.items():
        (folder / "schemas/events" / name).write_text(json.dumps(schema))
    path = list(sys.path)
    found = {each.model.__name__: each.codec for each in contracts_of(registry_of(folder), folder, "hostile")}
    contracts = Contracts(folder / "hostile/contract.json")
    assert {name: contracts[name].repeats for name in found} == {
        "Both": 2,
        "List": 1,
        "Told": 2,
        "Tree": 1,
        "Untold": 2,
    }
    yield found
    sys.path[:] = path


def nested(levels: int, last: object, **more: object) -> object:
    for _ in range(levels):
        last = {**more, "next": last}
    return last


VALUES: Final = {
    "Untold": {"node": nested(150, 1)},
    "Told": {"node": nested(150, 1, kind="b")},
    "List": {"node": nested(150, 1)},
    "Both": nested(150, {}),
    "Tree": {"left": {"left": {"right": {}}}},
}


@pytest.mark.parametrize("name", VALUES)
def test_a_deep_value_comes_back_soon(name: str, codecs: Mapping[str, SchemaCodec[BaseModel]]) -> None:
    data = json.dumps(VALUES[name]).encode()
    start = time.perf_counter()
    decoded = codecs[name].decode(data)
    again = type(decoded)(**{each: getattr(decoded, each) for each in decoded.model_fields_set})
    assert json.loads(codecs[name].encode(again)) == VALUES[name]
    assert time.perf_counter() - start < SOON


@pytest.mark.parametrize("name", VALUES)
def test_a_deep_value_is_refused_soon(name: str, codecs: Mapping[str, SchemaCodec[BaseModel]]) -> None:
    wrong = json.dumps(VALUES[name]).replace("1}", '"x"}').replace("{}", '{"next": 1, "left": 1}')
    start = time.perf_counter()
    with pytest.raises(ContractViolation):
        codecs[name].decode(wrong.encode())
    assert time.perf_counter() - start < SOON


def test_where_a_shallow_value_is_wrong_is_told(codecs: Mapping[str, SchemaCodec[BaseModel]]) -> None:
    with pytest.raises(ContractViolation, match="/node/next/next: "):
        codecs["Untold"].decode(json.dumps({"node": nested(2, "x")}).encode())


def test_alternatives_that_hold_each_other_are_typed_one_level_deep(
    codecs: Mapping[str, SchemaCodec[BaseModel]],
) -> None:
    decoded: Any = codecs["Untold"].decode(json.dumps({"node": nested(3, 1)}).encode())
    assert decoded.node.next == nested(2, 1)
    told: Any = codecs["Told"].decode(json.dumps({"node": nested(3, 1, kind="a")}).encode())
    assert told.node.next.next.kind == "a"


def chained(levels: int) -> dict[str, Any]:
    defs: dict[str, Any] = {f"L{levels}": {"type": "integer"}}
    for at in range(levels):
        onward = {"type": "object", "properties": {"next": {"$ref": f"#/$defs/L{at + 1}"}}}
        defs[f"L{at}"] = {"anyOf": [onward, {**onward, "required": ["next"]}]}
    return {"title": "Chained", "type": "object", "properties": {"first": {"$ref": "#/$defs/L0"}}, "$defs": defs}


@pytest.mark.parametrize(("levels", "looks"), [(15, 1), (25, 2**26), (90, 2**91)])
def test_alternatives_within_alternatives_are_counted(levels: int, looks: int, tmp_path: Path) -> None:
    (tmp_path / "schemas/events").mkdir(parents=True)
    (tmp_path / "schemas/events/chained.json").write_text(json.dumps(chained(levels)))
    registry = registry_of(tmp_path)
    repeats = Repeats(registry)
    assert max(1, repeats.of(Place(registry.documents["events/chained.json"]))) == looks
    assert [each.code for each in repeats.problems()] == ["alternatives-multiply"] * (looks > 1)


def test_alternatives_for_one_value_are_counted_too(tmp_path: Path) -> None:
    doubled = {f"L{at}": {"anyOf": [{"$ref": f"#/$defs/L{at + 1}"}] * 2} for at in range(30)}
    schema = {"title": "A", "type": "object", "properties": {"a": {"$ref": "#/$defs/L0"}}}
    (problem,) = Repeats(one(tmp_path, {**schema, "$defs": {**doubled, "L30": {}}})).problems()
    assert problem.code == "alternatives-multiply"


def test_a_long_chain_of_references_for_one_value_is_refused(tmp_path: Path) -> None:
    chain = {f"L{at}": {"allOf": [{"$ref": f"#/$defs/L{at + 1}"}]} for at in range(2000)}
    schema = {"title": "A", "type": "object", "properties": {"a": {"$ref": "#/$defs/L0"}}}
    (problem,) = check_references(one(tmp_path, {**schema, "$defs": {**chain, "L2000": {}}}))
    assert problem.code == "too-deep"


def test_alternatives_that_multiply_where_they_stand_together_make_no_class_for_each_combination(
    tmp_path: Path,
) -> None:
    kinds = [
        {
            "oneOf": [
                {"properties": {f"x{at}{kind}": {"type": "string"}}, "required": [f"x{at}{kind}"]} for kind in "abc"
            ]
        }
        for at in range(12)
    ]
    start = time.perf_counter()
    one(tmp_path, {"title": "A", "type": "object", "properties": {"a": {"type": "object", "allOf": kinds}}})
    rendered = render_events(tmp_path)
    assert time.perf_counter() - start < 10 * SOON
    assert "wider-type" in {each.code for each in rendered.problems}
    assert rendered.files["events/a.py"].count("\nclass ") < 600


def one(folder: Path, schema: dict[str, Any]) -> Registry:
    (folder / "schemas/events").mkdir(parents=True)
    (folder / "schemas/events/a.json").write_text(json.dumps(schema))
    return registry_of(folder)


def test_components_come_after_those_that_they_lead_to() -> None:
    edges = {1: [2], 2: [3, 5], 3: [2, 4], 4: [], 5: [5, 9]}
    assert [sorted(each) for each in components(edges)] == [[4], [5], [2, 3], [1]]


def test_a_long_chain_is_no_matter_of_recursion() -> None:
    edges = {at: [at + 1] for at in range(100_000)}
    assert sum(1 for _ in components(edges)) == 100_000
