"""`add`: an entry more, and not a character of what was there changes."""

from __future__ import annotations

import difflib
import json
import subprocess
import sys
from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamworker_codegen.adding.change import Change
from streamworker_codegen.adding.edit import with_entry, with_item
from streamworker_codegen.adding.event import as_text, learnt_schema, path_of
from streamworker_codegen.adding.infer import infer
from streamworker_codegen.adding.samples import read_samples
from streamworker_codegen.adding.spelling import scalar
from streamworker_codegen.documents import Json
from streamworker_codegen.errors import Refused
from streamworker_codegen.project import Project
from streamworker_codegen.sources import Source
from streamworker_codegen.yaml_positions import parse_yaml

from tests.codegen.orders import PIPELINE, event, put

FILE = "schemas/pipeline.yaml"
WORKER = {"source": ["a.*", "b.{id}"], "emit": "one"}

# Pieces that people write between what matters, and a section in each of its styles.
filler = st.sampled_from(["", "\n", "# a comment\n", "\n# two\n# lines\n", "# ünïcode 🎉 {not: yaml}\n"])
sections = st.sampled_from(
    [
        "",
        "workers:\n",
        "workers:   # none yet\n",
        "workers: {}\n",
        "workers: {a: {source: x}}   # all of them\n",
        "workers:\n  a:\n    source: x      # why\n    sink: y\n  # b: {source: x}\n",
        "workers:\n    a: {source: x,   sink: 'y'}\n\n    b: {source: [\"x\", y]}   # odd\n",
        "workers:\n  a:\n    source:\n    - x\n    - y   # last\n",
        "workers:\n  a:\n    source: >-\n      folded\n      text\n",
        "workers:\n  a:\n    source: plain\n      over lines\n",
    ]
)
ends = st.sampled_from(["", "\n", "# the end", "# the end\n\n"])


@st.composite
def pipelines(draw: st.DrawFn) -> str:
    others = ["pipeline: shop\n", "outage: 5m   # minutes\n", draw(sections), 'defaults: {timeout: 5m, "start": all}\n']
    text = "".join(draw(filler) + part for part in draw(st.permutations(others))) + draw(ends)
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


def added_lines(before: str, after: str) -> list[str]:
    """The lines that are new. Fails where one of the old is not there any more, as it was and in its place."""
    end = "\r\n" if "\r\n" in before else "\n"
    there = before + end if after.endswith("\n") and not before.endswith("\n") else before
    found = list(difflib.ndiff(there.splitlines(keepends=True), after.splitlines(keepends=True)))
    assert "".join(line[2:] for line in found if line.startswith("  ")) == there
    return [line[2:] for line in found if line.startswith("+ ")]


@given(pipelines())
def test_without_what_was_added_the_file_is_the_old_one(text: str) -> None:
    made = with_entry(Source(FILE, text), "workers", "new-one", WORKER).text
    if "workers: {" in text:
        inserted = {'new-one: {source: [a.*, "b.{id}"], emit: one}', 'new-one: {source: ["a.*", "b.{id}"], emit: one}'}
        assert any(text in (made.replace(f", {each}", ""), made.replace(each, "")) for each in inserted)
    else:
        assert added_lines(text, made)
    value = parse_yaml(Source(FILE, made), "pipeline.yaml").value
    assert isinstance(value, dict)
    assert isinstance(value["workers"], dict)
    assert list(value["workers"])[-1] == "new-one"
    assert value["workers"]["new-one"] == WORKER


@given(st.text(alphabet=st.sampled_from("ab{}[]*>.:# ,'\"\\-~0é🎉"), min_size=1), st.booleans())
def test_any_text_is_spelled_so_that_it_reads_the_same(text: str, flow: bool) -> None:
    around = f"a: [{scalar(text, flow=True)}]" if flow else f"a: {scalar(text, flow=False)}"
    value = parse_yaml(Source(FILE, around), FILE).value
    assert value == {"a": [text] if flow else text}


@pytest.mark.parametrize("word", ["null", "No", "on", "1", "1e3", "~", "true", "0x1f", ".5"])
def test_texts_that_yaml_reads_as_something_else_are_quoted(word: str) -> None:
    assert scalar(word, flow=False) == f'"{word}"'


def test_an_entry_takes_the_style_of_its_neighbour() -> None:
    braces = "workers:\n    a: {source: x}\n"
    assert (
        with_entry(Source(FILE, braces), "workers", "b", {"source": "y.*"}).text == braces + '    b: {source: "y.*"}\n'
    )
    lines = "workers:\n    a:\n        source: x\n"
    assert (
        with_entry(Source(FILE, lines), "workers", "b", {"source": "y.*"}).text
        == lines + "    b:\n        source: y.*\n"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            'streams:\n  A: {subjects: ["a.>"], max_age: 1d} # x\n',
            'streams:\n  A: {subjects: ["a.>", "b.*"], max_age: 1d} # x\n',
        ),
        ("streams:\n  A:\n    subjects:\n    - a.> # x\n", "streams:\n  A:\n    subjects:\n    - a.> # x\n    - b.*\n"),
    ],
)
def test_a_list_gets_one_more_item(before: str, after: str) -> None:
    assert with_item(Source(FILE, before), ("streams", "A", "subjects"), "b.*").text == after


def test_a_file_in_one_pair_of_braces_is_left_alone() -> None:
    with pytest.raises(Refused, match="not-editable"):
        with_entry(Source(FILE, "{pipeline: shop}"), "workers", "a", {"source": "x"})


@pytest.fixture
def project(tmp_path: Path) -> Project:
    put(tmp_path, FILE, PIPELINE)
    put(tmp_path, "schemas/events/orders/placed.schema.json", event("OrderPlaced"))
    put(tmp_path, "schemas/events/billing/paid.schema.json", event("OrderPaid"))
    return Project(tmp_path)


def test_what_would_break_the_graph_is_not_written(project: Project) -> None:
    change = Change.of(project)
    change.add_entry("workers", "shipper", {"source": "orders.pade.*"})
    with pytest.raises(Refused) as refused:
        change.write()
    (problem,) = refused.value.problems
    assert problem.code == "undeclared-subject"
    assert problem.where.file == f"{FILE} (as it would be)"
    assert (project.root / FILE).read_text() == PIPELINE


def test_a_subject_that_no_stream_stores_gets_a_stream_and_others_do_not(project: Project) -> None:
    change = Change.of(project)
    change.store("orders.sent.{id}", None)
    assert change.pipeline.text == PIPELINE
    change.store("parcels.sent.{id}", None)
    assert '  PARCELS: {subjects: ["parcels.>"], max_age: 30d}\n' in change.pipeline.text
    other = Change.of(project)
    other.store("parcels.sent.{id}", "ORDERS")
    assert 'subjects: ["orders.>", "parcels.sent.*"]' in other.pipeline.text


def test_what_is_there_already_is_refused(project: Project) -> None:
    with pytest.raises(Refused, match="already-there"):
        Change.of(project).add_entry("workers", "biller", WORKER)
    with pytest.raises(Refused, match="already-there"):
        Change.of(project).add_file("events/orders/placed.schema.json", "{}")


@pytest.mark.parametrize("name", ["../evil", "a..b", "/a", "a b", ""])
def test_an_events_name_is_words_with_dots_between(name: str) -> None:
    with pytest.raises(Refused, match="no name of an event"):
        path_of(name)


def test_an_event_from_samples_and_a_worker_for_it_are_added_by_the_command(project: Project) -> None:
    lines = [{"id": f"00000000-0000-4000-8000-{n:012}", "state": "new" if n % 2 else "old", "n": n} for n in range(24)]
    put(project.root, "samples.jsonl", "\n".join(map(json.dumps, lines)))
    said = streamworker(project, "event", "parcel.sent", "--from", str(project.root / "samples.jsonl"))
    assert said.returncode == 0, said.stderr
    assert "  guessed: state: one of new, old, the only texts among 24\n" in said.stdout
    assert "schemas/pipeline.yaml: subjects: parcel.sent.{id}\n" in said.stdout
    said = streamworker(project, "worker", "courier", "--source", "parcel.sent.*", "--sink", "orders.paid.{id}")
    assert said.returncode == 0, said.stderr
    assert "handlers/courier.py" in said.stdout
    assert "ParcelSent) -> OrderPaid | None:" in (project.root / "handlers/courier.py").read_text()
    assert len(added_lines(PIPELINE, (project.root / FILE).read_text())) == 5
    said = streamworker(project, "worker", "other", "--source", "nowhere")
    assert said.returncode == 1
    assert "[undeclared-subject]" in said.stderr


def streamworker(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "streamworker.cli", "add", *arguments]
    return subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=False)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(["a", "2026-01-01", "x@y.z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


@given(st.lists(st.dictionaries(st.sampled_from("abc"), values), min_size=1, max_size=30))
def test_an_inferred_schema_accepts_every_sample(samples: list[Json]) -> None:
    schema, _ = learnt_schema("some.event", samples)
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    for sample in samples:
        validator.validate(sample)
    assert json.loads(as_text(schema)) == schema
    assert "pattern" not in as_text(schema)


def test_guesses_need_enough_that_agrees() -> None:
    one = infer([{"at": "2026-01-01T00:00:00Z", "state": "new"}])
    assert one.schema["properties"] == {"at": {"type": "string"}, "state": {"type": "string"}}
    assert one.guesses == ()
    mixed: list[Json] = [{"at": "2026-01-01T00:00:00Z"}, {"at": "later"}, {"at": None, "n": 1}, {"at": "now", "n": 1.5}]
    found = infer(mixed)
    assert found.schema == {
        "type": "object",
        "required": ["at"],
        "properties": {"at": {"type": ["string", "null"]}, "n": {"type": "number"}},
    }
    assert found.guesses == ("the event: optional: n, not in all 4 objects",)
    rare = infer([{"kind": f"k{n // 19}"} for n in range(20)])  # one of the two was seen once
    assert rare.schema["properties"] == {"kind": {"type": "string"}}


def test_many_keys_of_which_none_is_always_there_are_a_map() -> None:
    found = infer([{f"key-{n}": n} for n in range(40)])
    assert found.schema == {"type": "object", "additionalProperties": {"type": "integer"}}


def test_every_line_that_is_no_sample_is_told(tmp_path: Path) -> None:
    put(tmp_path, "s.jsonl", '{"a": 1}\n\n{"a": }\n[1]\n')
    with pytest.raises(Refused) as refused:
        read_samples(tmp_path / "s.jsonl")
    told = [(each.code, each.where.line) for each in refused.value.problems]
    assert told == [("not-json", 3), ("sample-not-object", 4)]
    put(tmp_path, "empty.jsonl", "\n")
    with pytest.raises(Refused, match="no-samples"):
        read_samples(tmp_path / "empty.jsonl")
