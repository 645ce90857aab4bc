"""The published schema of the pipeline file: what editors see is what the compiler takes, and what the runtime has."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path

import jsonschema_rs
import pytest
from streamworker.ingest.spec import SseSpec
from streamworker.options import BatchOptions, WorkerOptions
from streamworker.resources import ObjectStore, Stream
from streamworker_codegen.documents import Json
from streamworker_codegen.pipeline_file import load_pipeline
from streamworker_codegen.pipeline_form import pipeline_schema
from streamworker_codegen.pointers import follow
from streamworker_codegen.rules.options import BATCH_DEFAULTS, DEFAULTS

ROOT = Path(__file__).parent.parent.parent


def keys(pointer: str) -> set[str]:
    found = follow(pipeline_schema(), pointer)
    assert isinstance(found, dict)
    return set(found)


def test_it_is_a_schema() -> None:
    schema = pipeline_schema()
    assert isinstance(schema, dict)
    jsonschema_rs.meta.validate(schema)


def test_the_reference_pipeline_has_its_form() -> None:
    assert load_pipeline(ROOT / "schemas").problems == ()


def test_every_key_is_described() -> None:
    assert list(_undescribed(pipeline_schema(), "")) == []


def _undescribed(schema: Json, pointer: str) -> list[str]:
    if not isinstance(schema, dict):
        return []
    found: list[str] = []
    named = schema.get("properties")
    for key, value in named.items() if isinstance(named, dict) else ():
        if (
            isinstance(value, dict)
            and "description" not in value
            and not str(value.get("$ref", "")).startswith("#/$defs/options/")
        ):
            found.append(f"{pointer}/{key}")
    return found + [
        each for key, value in schema.items() if key != "if" for each in _undescribed(value, f"{pointer}/{key}")
    ]


def test_the_defaults_of_workers_are_those_of_the_runtime() -> None:
    assert asdict(WorkerOptions()) == DEFAULTS
    assert BatchOptions(max=1).wait == BATCH_DEFAULTS["wait"]


def test_a_worker_has_an_entry_for_every_option_of_the_runtime() -> None:
    options = {field.name for field in fields(WorkerOptions)}
    assert options == keys("/$defs/worker/properties") - {"source", "sink", "emit", "loop"}
    assert keys("/$defs/options/properties") == options - {"batch", "order_by", "partitions"}


@pytest.mark.parametrize(
    ("declared", "pointer", "others"),
    [
        (Stream, "/$defs/stream/properties", {"name"}),
        (ObjectStore, "/$defs/bucket/properties", {"name"}),
    ],
)
def test_a_resource_has_an_entry_for_every_field_of_the_runtime(
    declared: type[Stream | ObjectStore], pointer: str, others: set[str]
) -> None:
    assert {field.name for field in fields(declared)} - others <= keys(pointer)


def test_a_feed_has_an_entry_for_every_field_of_the_runtime() -> None:
    said_otherwise = {"name", "url", "unmapped", "shortest", "longest"}
    assert {field.name for field in fields(SseSpec)} - said_otherwise <= keys("/$defs/ingest/properties")
