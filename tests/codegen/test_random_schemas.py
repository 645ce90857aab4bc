"""The promise of soundness, on random schemas: what a sound model accepts its schema accepts, and no model refuses what its does."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from random import Random

import pytest
from streamworker_codegen.load import load_documents
from streamworker_codegen.references import check_references
from streamworker_codegen.registry import Registry

from tests.codegen.contracts import compare, contracts_of
from tests.codegen.instances import Instances
from tests.codegen.random_schemas import RandomSchemas

EVENTS = 60
INSTANCES = 80


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_models_of_random_schemas_keep_to_them(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", sys.path[:])
    registry = _registry(seed, tmp_path)
    instances = Instances(registry, Random(seed))
    contracts = list(contracts_of(registry, tmp_path, f"random_{seed}"))
    assert len(contracts) > EVENTS * 0.7
    assert any(contract.sound for contract in contracts)
    for contract in contracts:
        for _ in range(INSTANCES):
            compare(contract, instances.of(contract.place))


def _registry(seed: int, folder: Path) -> Registry:
    """Random events, without those whose references run in a circle."""
    schemas = RandomSchemas(Random(seed))
    events = folder / "schemas" / "events"
    events.mkdir(parents=True)
    for index in range(EVENTS):
        (events / f"event{index}.json").write_text(json.dumps(schemas.event(f"Event{index}")))
    registry = Registry(load_documents(folder / "schemas").files.values())
    for problem in check_references(registry):
        (folder / problem.where.file).unlink(missing_ok=True)
    return Registry(load_documents(folder / "schemas").files.values())
