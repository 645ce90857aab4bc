"""What event sets that others wrote have in them, in small cases of our own. `make public-sets` tries the sets themselves."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamworker_codegen.documents import Json
from streamworker_codegen.load import load_documents
from streamworker_codegen.registry import Registry

from tests.codegen.contracts import Contract, contracts_of, decoded_by

Compiled = Callable[..., dict[str, Contract]]


@pytest.fixture
def compiled(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Compiled]:
    """Compiles schemas, by their paths; the contracts of those with a title, by their classes."""
    path = list(sys.path)

    def compile_(schemas: dict[str, Json]) -> dict[str, Contract]:
        for name, schema in schemas.items():
            file = tmp_path / "schemas/events" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(schema), "utf-8")
        documents = load_documents(tmp_path / "schemas")
        assert not [each for each in documents.problems if each.severity == "error"]
        registry = Registry(documents.files.values())
        package = f"others_{abs(hash(request.node.name))}"
        return {each.model.__name__: each for each in contracts_of(registry, tmp_path, package)}

    yield compile_
    sys.path[:] = path


def test_files_with_one_id_are_told_apart_by_their_paths(compiled: Compiled) -> None:
    """A file was copied along with its `$id`, and each is referred to from beside it."""
    definitions = "https://shop.example/definitions.json"
    found = compiled(
        {
            "orders/definitions.json": {"$id": definitions, "$defs": {"Amount": {"type": "integer"}}},
            "stock/definitions.json": {"$id": definitions, "$defs": {"Amount": {"type": "string"}}},
            "orders/placed.json": {
                "$id": "https://shop.example/orders/placed.json",
                "title": "Placed",
                "type": "object",
                "properties": {"amount": {"$ref": "definitions.json#/$defs/Amount"}},
            },
            "stock/moved.json": {
                "$id": "https://shop.example/stock/moved.json",
                "title": "Moved",
                "type": "object",
                "properties": {"amount": {"$ref": "definitions.json#/$defs/Amount"}},
            },
        }
    )
    assert decoded_by(found["Placed"].codec, {"amount": 1})
    assert not decoded_by(found["Placed"].codec, {"amount": "1"})
    assert decoded_by(found["Moved"].codec, {"amount": "1"})
    assert not decoded_by(found["Moved"].codec, {"amount": 1})
