"""What a worker writes, as the runtime has it: nothing that `encode` lets through is missing from the closed schema."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from streamworker.errors import ContractViolation
from streamworker_codegen.compat.closing import closed
from streamworker_codegen.compat.hints import Hints
from streamworker_codegen.compat.instances import Instances
from streamworker_codegen.compat.judges import Accepts, judge
from streamworker_codegen.compat.plain import Plain, Unmodelled, plain

from tests.codegen.contracts import Contract, contracts_of, decoded_by
from tests.codegen.projects import registry_of
from tests.codegen.test_golden_models import CASES

SCHEMAS = {case.name: case for case in sorted(CASES.iterdir())} | {"reference": Path(__file__).parents[3]}
TRIES = 60


@pytest.fixture(scope="module", params=sorted(SCHEMAS))
def events(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[tuple[Contract, Plain]]]:
    registry = registry_of(SCHEMAS[request.param])
    folder = tmp_path_factory.mktemp("closing")
    contracts = list(contracts_of(registry, folder, f"closed_{request.param.replace('-', '_')}"))
    found = []
    for each in contracts:
        try:
            found.append((each, plain(registry, each.place)))
        except Unmodelled:
            continue
    yield found
    sys.path.remove(str(folder))


def written(contract: Contract, made: Plain) -> Iterator[tuple[object, bool]]:
    """Messages that the schema accepts, and whether a worker's output may be one."""
    hints = Hints.of(made.schema)
    makers = [Instances(made.schema, hints, Random(1)), Instances(closed(made.schema), hints, Random(2))]
    for index in range(TRIES):
        value = makers[index % 2].one()
        event = decoded_by(contract.codec, value)
        if event is not None:
            yield json.loads(json.dumps(value)), _encodes(contract, event)


def _encodes(contract: Contract, event: object) -> bool:
    try:
        contract.codec.encoder(closed=True)(event)  # type: ignore[arg-type]  # it was decoded by this codec
    except ContractViolation:
        return False
    return True


def test_a_closed_schema_takes_all_that_a_worker_can_write(events: list[tuple[Contract, Plain]]) -> None:
    for contract, made in events:
        takes: Accepts = judge(closed(made.schema))
        missing = [value for value, writes in written(contract, made) if writes and not takes(value)]  # type: ignore[arg-type]  # JSON
        assert missing == [], contract.model.__name__


def test_a_closed_schema_takes_little_else(events: list[tuple[Contract, Plain]]) -> None:
    """Counter-examples are messages that a worker really writes, but for few."""
    more, refused = 0, 0
    for contract, made in events:
        takes = judge(closed(made.schema))
        odd = [takes(value) for value, writes in written(contract, made) if not writes]  # type: ignore[arg-type]  # JSON
        more, refused = more + sum(odd), refused + len(odd)
    assert more <= max(10, refused / 2)
