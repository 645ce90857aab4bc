"""The contracts of generated models, and what must hold between a model, its codec and the schema validator."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import jsonschema_rs
from pydantic import BaseModel, ValidationError
from streamworker.contract import Contracts
from streamworker.contract.codec import SchemaCodec
from streamworker.contract.names import TAKES_UNKNOWN
from streamworker.errors import ContractViolation
from streamworker_codegen.documents import Json, Place
from streamworker_codegen.registry import Registry
from streamworker_codegen.render import render_project

from tests.codegen.projects import graph_of_titled


@dataclass(frozen=True, repr=False)
class Contract:
    model: type[BaseModel]
    codec: SchemaCodec[BaseModel]
    validator: jsonschema_rs.Validator
    sound: bool
    place: Place


def contracts_of(registry: Registry, folder: Path, package: str) -> Iterator[Contract]:
    """Those of the titled events, whose models are written to `folder` and imported as `package`."""
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


def compare(contract: Contract, value: Json) -> None:
    accepted, valid = _model(contract.model, value), contract.validator.is_valid(value)
    assert valid or accepted is None or not contract.sound, "a sound model accepts what its schema refuses"
    if accepted is not None:
        assert json.loads(accepted.model_dump_json(by_alias=True, exclude_unset=True)) == value
    elif valid:
        decoded = _model(contract.model, _with_whole_integers(value), TAKES_UNKNOWN)
        assert decoded is not None, "a model refuses what its schema accepts"


def decoded_by(codec: SchemaCodec[BaseModel], value: Json) -> BaseModel | None:
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
