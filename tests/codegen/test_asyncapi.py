"""The AsyncAPI document: what AsyncAPI's own parser says of it, and that its schemas mean what ours do."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any  # a document's JSON, as the test reads it

import jsonschema_rs
import pytest
from ruamel.yaml import YAML
from streamworker.names import durable
from streamworker_codegen.asyncapi import asyncapi_document
from streamworker_codegen.handler_uses import Uses, read_uses
from streamworker_codegen.project import Project
from streamworker_codegen.reading import read_project

from tests.codegen.orders import put
from tests.codegen.shop import shop

ROOT = Path(__file__).parent.parent.parent
SAMPLES = ROOT / "tests/reference/samples"
PARSER = "@asyncapi/parser@3.6.3"
ONLY_NEWER = "asyncapi-latest-version"  # that there is AsyncAPI 3.1


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    reading = read_project(Project(ROOT))
    assert reading.graph is not None
    uses = read_uses(Project(ROOT), reading.workers)
    return asyncapi_document(reading.graph, reading.registry, uses, version="1.0.0")


@pytest.fixture(scope="module")
def parser() -> Path:
    """A folder with AsyncAPI's parser in it, installed once for this machine."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("Node.js is not installed: AsyncAPI's parser can't run")
    folder = Path(tempfile.gettempdir()) / f"streamworker-{PARSER.replace('/', '-').lstrip('@')}"
    if not folder.exists():
        fresh = Path(tempfile.mkdtemp(prefix="streamworker-asyncapi-"))  # other tests may install it at the same time
        command = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(fresh), PARSER]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        if done.returncode:
            pytest.skip(f"npm can't install {PARSER}: {done.stderr.strip()[-200:]}")
        with contextlib.suppress(OSError):
            fresh.rename(folder)
    return folder


def test_asyncapis_own_parser_accepts_the_documents(parser: Path, reference: dict[str, Any], tmp_path: Path) -> None:
    made = shop()
    small = asyncapi_document(made.graph, made.registry, {"biller": Uses(subjects=frozenset({"TICKS"}))}, version="2")
    put(tmp_path, "reference.json", json.dumps(reference))
    put(tmp_path, "shop.json", json.dumps(small))
    files = [str(tmp_path / "reference.json"), str(tmp_path / "shop.json")]
    script = Path(__file__).with_name("parse_asyncapi.mjs")
    done = subprocess.run(["node", script, parser, *files], capture_output=True, text=True, check=True, timeout=60)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [[each for each in document["said"] if each["code"] != ONLY_NEWER] for document in found] == [[], []]
    assert found[0]["counts"]["channels"] == len(reference["channels"])
    assert found[0]["counts"]["operations"] == len(reference["operations"])


def test_the_parser_would_refuse_a_wrong_document(parser: Path, reference: dict[str, Any], tmp_path: Path) -> None:
    put(tmp_path, "wrong.json", json.dumps({**reference, "operations": {"a": {"action": "shout"}}}))
    script = Path(__file__).with_name("parse_asyncapi.mjs")
    done = subprocess.run(["node", script, parser, tmp_path / "wrong.json"], capture_output=True, text=True, check=True)
    assert "counts" not in json.loads(done.stdout)


def test_every_subject_worker_and_event_of_the_reference_pipeline_is_in_it(reference: dict[str, Any]) -> None:
    graph = read_project(Project(ROOT)).graph
    assert graph is not None
    assert list(reference["channels"]) == [each.constant for each in graph.subjects]
    assert list(reference["components"]["messages"]) == [each.name for each in graph.events]
    expected = sum(len(worker.source) + len(worker.sink) for worker in graph.workers) + len(graph.ingests[0].events)  # type: ignore[union-attr]  # the one ingest is a feed
    assert len(reference["operations"]) == expected + 1  # the notice, which a handler publishes by itself
    assert reference["operations"]["epg_updater.send.NOTICE_EPG_UPDATED"]["action"] == "send"
    queue = reference["operations"]["scheduler.receive.RECORDING_SCHEDULE_REQUESTED"]["bindings"]["nats"]["queue"]
    assert queue == durable("recorder", "scheduler")


def test_tokens_are_parameters_that_say_where_they_come_from(reference: dict[str, Any]) -> None:
    channel = reference["channels"]["RECORDING_RECORD_COMPLETED"]
    assert channel["address"] == "recording.record.completed.{source-tuner}.{recordId}"
    assert channel["parameters"]["source-tuner"]["location"] == "$message.payload#/source/tuner"


def test_the_bundled_schemas_accept_the_samples_and_refuse_what_is_none(reference: dict[str, Any]) -> None:
    graph = read_project(Project(ROOT)).graph
    assert graph is not None
    bundle = jsonschema_rs.Registry([("urn:bundle", reference)])
    judged = 0
    for subject in graph.subjects:
        address = reference["components"]["messages"][subject.event.name]["payload"]["schema"]["$ref"]
        validator = jsonschema_rs.Draft202012Validator({"$ref": f"urn:bundle{address}"}, registry=bundle)
        assert not validator.is_valid({})
        file = (
            SAMPLES
            / f"{subject.event.schema.document.path.removeprefix('events/').replace('/', '.').removesuffix('.schema.json')}.jsonl"
        )
        for line in file.read_text("utf-8").splitlines() if file.exists() else ():
            validator.validate(json.loads(line))
            judged += 1
    assert judged > len(graph.subjects)


def test_the_command_writes_the_same_in_yaml_and_json(tmp_path: Path, reference: dict[str, Any]) -> None:
    for format in ("yaml", "json"):
        command = [sys.executable, "-m", "streamworker.cli", "asyncapi", "--format", format, "-o"]
        subprocess.run([*command, str(tmp_path / f"document.{format}")], check=True, cwd=ROOT)
    assert json.loads((tmp_path / "document.json").read_text("utf-8")) == reference
    assert YAML(typ="safe", pure=True).load((tmp_path / "document.yaml").read_text("utf-8")) == reference
