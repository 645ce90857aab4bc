"""`explain`: a page for every code, and of an event what the contract makes of it."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path

import jsonschema_rs
import pytest
import streamworker_codegen
from hypothesis import given
from hypothesis import strategies as st
from streamworker_codegen.documents import Json
from streamworker_codegen.explaining.cost import Cost, NotMeasured, measure
from streamworker_codegen.explaining.facts import Carried, Facts, facts_of, find_event
from streamworker_codegen.explaining.pages import codes, headline, page
from streamworker_codegen.explaining.pattern_text import text_like
from streamworker_codegen.explaining.sample import samples_of
from streamworker_codegen.explaining.text import as_text
from streamworker_codegen.handler_uses import read_uses
from streamworker_codegen.project import Project
from streamworker_codegen.reading import Reading, read_project
from streamworker_codegen.shapes import read_shapes

from tests.codegen.orders import PIPELINE, event, put

ROOT = Path(__file__).parent.parent.parent
PACKAGE = Path(streamworker_codegen.__file__).parent
GOLDEN = ROOT / "tests/golden"

# Codes that are put together from parts, as they are written in the source.
MADE_UP = {"{}-not-object": {"event-not-object", "value-not-object"}, "mypy: {}": {"mypy"}}


def emitted() -> set[str]:
    """Every code that stands in the compiler's source: in a call that takes one, or assigned to a name `code`."""
    paths = sorted(path for path in PACKAGE.rglob("*.py") if path.parent.name != "explaining")
    parsed = [ast.parse(path.read_text("utf-8")) for path in paths]
    public = {name: at for tree in parsed for name, at in takers(tree).items() if not name.startswith("_")}
    return {code for tree in parsed for code in codes_of(tree, {**public, **takers(tree)})}


def codes_of(tree: ast.Module, at: Mapping[str, int]) -> Iterator[str]:
    for node in ast.walk(tree):
        yield from codes_in(node, at)


def takers(tree: ast.Module) -> Mapping[str, int]:
    """Where each function of a module, and each class with fields, takes its `code`."""
    found = {}
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.FunctionDef):
            names = [each.arg for each in node.args.args if each.arg != "self"]
        elif isinstance(node, ast.ClassDef):
            fields = (each.target for each in node.body if isinstance(each, ast.AnnAssign))
            names = [each.id for each in fields if isinstance(each, ast.Name)]
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and "code" in names:
            found[node.name] = names.index("code")
    return found


def codes_in(node: ast.AST, at: Mapping[str, int]) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=arguments, keywords=keywords):
            for each in keywords:
                yield from literals(each.value) if each.arg == "code" else ()
            if name in at and len(arguments) > at[name]:
                yield from literals(arguments[at[name]])
        case ast.Assign(targets=[ast.Tuple(elts=[ast.Name(id="code"), *_])], value=ast.Tuple(elts=[first, *_])):
            yield from literals(first)


def literals(node: ast.expr) -> set[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.JoinedStr):
        text = "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in node.values)
        return MADE_UP[text]
    if isinstance(node, ast.IfExp):
        return literals(node.body) | literals(node.orelse)
    assert ast.unparse(node).rpartition(".")[2] == "code", f"a code that this test can't follow: {ast.unparse(node)}"
    return set()


def test_every_code_that_the_compiler_can_emit_has_a_page_and_every_page_a_code() -> None:
    assert emitted() == set(codes())


def test_every_code_of_a_golden_message_has_a_page() -> None:
    heads = (line for line in golden_heads() if re.search(": (error|warning|note): ", line))
    found = {code for line in heads for code in re.findall(r"\[([a-z0-9-]+)\]$", line)}
    assert len(found) > 70
    assert found <= set(codes())


def golden_heads() -> Iterator[str]:
    for path in (*GOLDEN.glob("*/*/expected.txt"), *GOLDEN.glob("generate/*/expected/report.txt")):
        yield from path.read_text("utf-8").splitlines()


@pytest.mark.parametrize("code", codes())
def test_a_page_has_cause_example_and_mend_and_its_example_is_a_message_of_today(code: str) -> None:
    text = page(code)
    assert text is not None
    assert re.match(rf"# {re.escape(code)}\n\n\S(.|\n)+\n\n## Example\n\n```\n(.|\n)+\n```\n\n## Mend\n\n\S", text)
    assert max(map(len, re.sub(r"```(.|\n)*```", "", text).splitlines())) <= 120
    assert headline(code)
    head = text.split("```\n")[1].splitlines()[0]
    assert f"[{code}" in head
    golden = set(golden_heads())
    if any(line.endswith(f"[{code}]") for line in golden):
        assert head in golden


def test_a_page_is_found_by_the_code_as_a_report_shows_it() -> None:
    assert page("[token-loose]") == page("token-loose") != None  # noqa: E711  # both, and a page
    assert page("mypy: explicit-any") == page("mypy")
    assert page("../pages/loop") is None
    assert page("no-such-code") is None


@pytest.fixture(scope="module")
def reading() -> Reading:
    return read_project(Project(ROOT))


def facts(reading: Reading, name: str) -> Facts:
    assert reading.graph is not None
    found = find_event(reading.graph, name)
    assert found is not None
    shapes = read_shapes(reading.graph, reading.registry)
    return facts_of(found, reading, reading.graph, shapes, read_uses(Project(ROOT), reading.workers))


def test_an_event_says_who_reads_and_writes_it(reading: Reading) -> None:
    assert facts(reading, "EpgNotice").carried == (
        Carried(
            "notice.epg.updated.{source.tuner}.{serviceId}",
            "NOTICES",
            ("the handler of epg-updater",),
            ("readers outside",),
        ),
    )
    assert facts(reading, "StoredProgram").buckets == ("epg_programs",)


@pytest.mark.parametrize(
    "name",
    [
        "EpgStored",
        "EPG_SERVICE_STORED",
        "epg.service.stored.{source.tuner}.{serviceId}",
        "events/epg/service.stored.schema.json",
        "schemas/events/epg/service.stored.schema.json",
    ],
)
def test_an_event_is_found_by_class_constant_subject_and_file(reading: Reading, name: str) -> None:
    assert facts(reading, name).name == "EpgStored"


def test_a_model_that_cannot_be_sound_says_which_keywords_the_schema_judges(tmp_path: Path) -> None:
    put(tmp_path, "schemas/pipeline.yaml", PIPELINE)
    put(tmp_path, "schemas/events/orders/placed.schema.json", event("OrderPlaced", note={"not": {"const": 1}}))
    put(tmp_path, "schemas/events/billing/paid.schema.json", event("OrderPaid"))
    found = facts(read_project(Project(tmp_path)), "OrderPlaced")
    assert not found.sound
    assert found.unsound[0].startswith("not at schemas/events/orders/placed.schema.json:1:")
    text = as_text(found, NotMeasured("why not"), "")
    assert "  unsound   the schema judges every event first (jsonschema-rs); no type says these:\n" in text
    assert "  cost      not measured: why not\n" in text


def test_every_event_of_the_reference_pipeline_has_a_made_up_sample_that_its_schema_accepts(reading: Reading) -> None:
    assert reading.graph is not None
    contract = json.loads((ROOT / "generated/contract.json").read_text("utf-8"))
    registry = jsonschema_rs.Registry(list(contract["documents"].items()))
    for each in reading.graph.events:
        address = contract["events"][each.name]["schema"]
        validator = jsonschema_rs.Draft202012Validator({"$ref": address}, registry=registry, validate_formats=True)
        assert any(map(validator.is_valid, samples_of(reading.registry, each.schema))), each.name


def test_the_cost_is_measured_by_the_generated_package(reading: Reading) -> None:
    stored = find_event(reading.graph, "EpgStored") if reading.graph else None
    assert stored is not None
    samples: list[Json] = [{"no": "event"}, *samples_of(reading.registry, stored.schema)]
    found = measure(Project(ROOT), "EpgStored", samples)
    assert isinstance(found, Cost), found
    assert found.sample == 1
    assert 0.1 < found.decode < 1000
    assert 0.01 < found.encode < found.encode_made < 1000


def test_what_cannot_be_measured_says_why_and_what_to_do(tmp_path: Path) -> None:
    refused = measure(Project(ROOT), "EpgStored", [{}])
    assert isinstance(refused, NotMeasured)
    assert "no sample is valid (not a EpgStored: " in refused.why
    assert "--sample FILE" in refused.why
    absent = measure(Project(tmp_path), "EpgStored", [{}])
    assert isinstance(absent, NotMeasured)
    assert "run `streamworker generate` first" in absent.why


def streamworker(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "streamworker.cli", "explain", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_command_explains_codes_and_events_and_knows_what_is_near() -> None:
    assert streamworker("loop").stdout == page("loop")
    said = streamworker("RecordCompleted", "--no-measure", "--json")
    assert json.loads(said.stdout)["carried"][0]["writers"] == ["worker record-watcher"]
    said = streamworker("RecordComplete")
    assert said.returncode == 1
    assert (
        said.stderr
        == "error: RecordComplete is no code of a problem and no event here; did you mean RecordCompleted?\n"
    )
    assert len(streamworker().stdout.splitlines()) == len(codes())


@pytest.mark.parametrize(
    "pattern",
    ["^[0-9A-F]{32}$", r"^\d{4}-\d{2}$", "^(?:a|b)+c?$", "^[a-z]+(-[a-z]+)*$", "x", "^[^.*> ]+$", r"^\S+@\S+\.\w{2,}$"],
)
def test_a_text_is_found_for_a_pattern_of_the_common_kind(pattern: str) -> None:
    found = text_like(pattern)
    assert found is not None
    assert re.search(pattern, found)


@given(st.text(alphabet="ab[](){}|*+?.^$\\d-0,:", max_size=12))
def test_a_pattern_that_is_not_understood_gives_no_wrong_text(pattern: str) -> None:
    try:
        with warnings.catch_warnings(action="ignore"):
            compiled = re.compile(pattern)
    except re.error:
        return
    found = text_like(pattern)
    assert found is None or compiled.search(found)
