"""Models against the schema validator, on generated instances: a sound model accepts nothing that the schema refuses, and no model
refuses what it accepts."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import ModuleType

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from streamworker.contract import Contracts
from streamworker.contract.codec import SchemaCodec
from streamworker.contract.names import TAKES_UNKNOWN
from streamworker.errors import ContractViolation
from streamworker_codegen.documents import Json, Place
from streamworker_codegen.registry import Registry
from streamworker_codegen.render import render_project

from tests.codegen.instances import Instances
from tests.codegen.projects import graph_of_titled, registry_of
from tests.codegen.test_golden_models import CASES

SCHEMAS = {case.name: case for case in sorted(CASES.iterdir())} | {"reference": Path(__file__).parents[2]}


@dataclass(frozen=True, repr=False)
class Contract:
    model: type[BaseModel]
    codec: SchemaCodec[BaseModel]
    validator: jsonschema_rs.Validator
    sound: bool
    place: Place


@dataclass(frozen=True, repr=False)
class Project:
    contracts: list[Contract]
    registry: Registry


@pytest.fixture(scope="module", params=sorted(SCHEMAS))
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    registry = registry_of(SCHEMAS[request.param])
    folder = tmp_path_factory.mktemp("soundness")
    package = f"generated_{request.param.replace('-', '_')}"
    yield Project(list(_contracts(registry, folder, package)), registry)
    sys.path.remove(str(folder))


def _contracts(registry: Registry, folder: Path, package: str) -> Iterator[Contract]:
    graph = graph_of_titled(registry)
    rendered = render_project(graph, registry, {})
    for path, text in rendered.files.items():
        (folder / package / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / package / path).write_text(text)
    sys.path.insert(0, str(folder))
    events: ModuleType = importlib.import_module(f"{package}.events")
    bundle = json.loads(rendered.files["contract.json"])
    schemas = jsonschema_rs.Registry(list(bundle["documents"].items()))
    contracts = Contracts(folder / package / "contract.json")
    for event in graph.events:
        entry = bundle["events"][event.name]
        validator = jsonschema_rs.validator_for(
            {"$ref": entry["schema"]}, registry=schemas, validate_formats=True, offline=True
        )
        model = getattr(events, event.name)
        codec = SchemaCodec(model, contracts[event.name])
        yield Contract(model, codec, validator, entry["sound"], event.schema)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_sound_models_accept_only_what_the_schema_accepts(project: Project, seed: int) -> None:
    instances = Instances(project.registry, Random(seed))
    for contract in project.contracts:
        for _ in range(20):
            _compare(contract, instances.of(contract.place))


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_the_codec_decodes_what_the_schema_accepts_and_nothing_else(project: Project, seed: int) -> None:
    instances = Instances(project.registry, Random(seed))
    for contract in project.contracts:
        for _ in range(20):
            value = instances.of(contract.place)
            decoded = _decoded(contract.codec, value)
            assert (decoded is not None) == contract.validator.is_valid(value), value
            if decoded is not None:
                assert json.loads(contract.codec.encode(decoded, closed=False)) == value
                assert json.loads(contract.codec.encode(decoded.model_copy(), closed=False)) == value


def test_the_instances_reach_both_answers(project: Project) -> None:
    """What the test above says would be empty if all instances were valid, or none."""
    instances = Instances(project.registry, Random(1))
    for contract in project.contracts:
        answers = {contract.validator.is_valid(instances.of(contract.place)) for _ in range(1000)}
        assert answers == {True, False}, contract.place.document.path


def _compare(contract: Contract, value: Json) -> None:
    accepted, valid = _model(contract.model, value), contract.validator.is_valid(value)
    assert valid or accepted is None or not contract.sound, "a sound model accepts what its schema refuses"
    if accepted is not None:
        assert json.loads(accepted.model_dump_json(by_alias=True, exclude_unset=True)) == value
    elif valid:
        decoded = _model(contract.model, _with_whole_integers(value), TAKES_UNKNOWN)
        assert decoded is not None, "a model refuses what its schema accepts"


def _decoded(codec: SchemaCodec[BaseModel], value: Json) -> BaseModel | None:
    try:
        return codec.decode(json.dumps(value).encode())
    except ContractViolation:
        return None


def _model(model: type[BaseModel], value: Json, context: object = None) -> BaseModel | None:
    try:
        return model.model_validate_json(json.dumps(value), strict=True, by_name=False, by_alias=True, context=context)
    except ValidationError:
        return None


def _with_whole_integers(value: Json) -> Json:
    """1.0 is an integer to JSON Schema; the codec makes it one for the model."""
    match value:
        case float():
            return int(value) if value.is_integer() else value
        case list():
            return [_with_whole_integers(each) for each in value]
        case dict():
            return {name: _with_whole_integers(each) for name, each in value.items()}
        case _:
            return value
