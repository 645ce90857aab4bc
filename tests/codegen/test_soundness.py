"""Models against the schema validator, on generated instances: a sound model accepts nothing that the schema refuses, and no model
refuses what it accepts."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from streamworker_codegen.registry import Registry

from tests.codegen.contracts import Contract, compare, contracts_of, decoded_by
from tests.codegen.instances import Instances
from tests.codegen.projects import registry_of
from tests.codegen.test_golden_models import CASES

SCHEMAS = {case.name: case for case in sorted(CASES.iterdir())} | {"reference": Path(__file__).parents[2]}


@dataclass(frozen=True, repr=False)
class Project:
    contracts: list[Contract]
    registry: Registry


@pytest.fixture(scope="module", params=sorted(SCHEMAS))
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    registry = registry_of(SCHEMAS[request.param])
    folder = tmp_path_factory.mktemp("soundness")
    package = f"generated_{request.param.replace('-', '_')}"
    yield Project(list(contracts_of(registry, folder, package)), registry)
    sys.path.remove(str(folder))


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_sound_models_accept_only_what_the_schema_accepts(project: Project, seed: int) -> None:
    instances = Instances(project.registry, Random(seed))
    for contract in project.contracts:
        for _ in range(20):
            compare(contract, instances.of(contract.place))


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_the_codec_decodes_what_the_schema_accepts_and_nothing_else(project: Project, seed: int) -> None:
    instances = Instances(project.registry, Random(seed))
    for contract in project.contracts:
        for _ in range(20):
            value = instances.of(contract.place)
            decoded = decoded_by(contract.codec, value)
            assert (decoded is not None) == contract.validator.is_valid(value), value
            if decoded is not None:
                assert json.loads(contract.codec.encode(decoded)) == value
                assert json.loads(contract.codec.encode(decoded.model_copy())) == value


def test_the_instances_reach_both_answers(project: Project) -> None:
    """What the test above says would be empty if all instances were valid, or none."""
    instances = Instances(project.registry, Random(1))
    for contract in project.contracts:
        answers = {contract.validator.is_valid(instances.of(contract.place)) for _ in range(1000)}
        assert answers == {True, False}, contract.place.document.path
