"""The stubs that `generate` writes, of every shape of worker: they type-check as they are, and a mistake in one is named where it is bound."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PIPELINE = """\
pipeline: shop
streams:
  SHOP: {subjects: ["placed.>", "paid.>", "shipped.>", "refused.>"], max_age: 30d}
subjects:
  placed.{order}: events/placed.schema.json
  paid.{order}: events/paid.schema.json
  shipped.{order}: events/shipped.schema.json
  refused.{order}: events/refused.schema.json
workers:
  one: {source: "placed.*", sink: "paid.{order}", emit: one}
  maybe: {source: "placed.*", sink: "paid.{order}"}
  many: {source: "placed.*", sink: "paid.{order}", emit: many}
  no-sink: {source: "placed.*"}
  union-source: {source: ["placed.*", "paid.*"], sink: "shipped.{order}"}
  several-sinks: {source: "placed.*", sink: ["shipped.{order}", "refused.{order}"], emit: one}
  batch: {source: "placed.*", sink: "paid.{order}", batch: {max: 10}}
  batch-of-two-sources: {source: ["placed.*", "paid.*"], sink: "shipped.{order}", emit: many, batch: {max: 10}}
  batch-without-sink: {source: "placed.*", batch: {max: 10}}
"""
EVENTS = ("Paid", "Placed", "Refused", "Shipped")
STUBS = (
    "batch",
    "batch_of_two_sources",
    "batch_without_sink",
    "many",
    "maybe",
    "no_sink",
    "one",
    "several_sinks",
    "union_source",
)


@dataclass(frozen=True)
class Mistake:
    """stub: the module that it is made in. right, wrong: a text of it, and what is written instead. given, expected: the types that are
    named. above: what the line begins with that is reported."""

    stub: str
    right: str
    wrong: str
    given: str
    expected: str
    above: str = "@"


MISTAKES = {
    "another_event": Mistake(
        "one",
        "event: Placed",
        "event: Shipped",
        "Callable[[Shipped], Coroutine[Any, Any, Paid]]",
        "Callable[[Placed], Awaitable[Paid]]",
    ),
    "another_output": Mistake(
        "one",
        "-> Paid",
        "-> Shipped",
        "Callable[[Placed], Coroutine[Any, Any, Shipped]]",
        "Callable[[Placed], Awaitable[Paid]]",
    ),
    "no_output": Mistake(
        "one",
        "-> Paid",
        "-> Paid | None",
        "Callable[[Placed], Coroutine[Any, Any, Paid | None]]",
        "Callable[[Placed], Awaitable[Paid]]",
    ),
    "another_output_that_may_be": Mistake(
        "maybe",
        "-> Paid | None",
        "-> Shipped | None",
        "Callable[[Placed], Coroutine[Any, Any, Shipped | None]]",
        "Callable[[Placed], Awaitable[Paid | None]]",
    ),
    "only_one_of_many": Mistake(
        "many",
        "-> Sequence[Paid]",
        "-> Paid",
        "Callable[[Placed], Coroutine[Any, Any, Paid]]",
        "Callable[[Placed], Awaitable[Sequence[Paid]]]",
    ),
    "an_output_without_sink": Mistake(
        "no_sink",
        "-> None",
        "-> Paid",
        "Callable[[Placed], Coroutine[Any, Any, Paid]]",
        "Callable[[Placed], Awaitable[None]]",
    ),
    "half_of_the_source": Mistake(
        "union_source",
        "event: Paid | Placed",
        "event: Paid",
        "Callable[[Paid], Coroutine[Any, Any, Shipped | None]]",
        "Callable[[Paid | Placed], Awaitable[Shipped | None]]",
    ),
    "a_forgotten_case": Mistake(
        "union_source",
        "        case Placed():\n            raise union_source.unwritten(event)\n",
        "",
        "Placed",
        "Never",
        above="assert_never(event)",
    ),
    "one_output_that_no_sink_carries": Mistake(
        "several_sinks",
        "-> Refused | Shipped",
        "-> Refused | Paid",
        "Callable[[Placed], Coroutine[Any, Any, Refused | Paid]]",
        "Callable[[Placed], Awaitable[Refused | Shipped]]",
    ),
    "items_of_another_event": Mistake(
        "batch",
        "Item[Placed, Paid | None]",
        "Item[Shipped, Paid | None]",
        "Callable[[Sequence[Item[Shipped, Paid | None]]], Coroutine[Any, Any, None]]",
        "Callable[[Sequence[Item[Placed, Paid | None]]], Awaitable[None]]",
    ),
    "an_item_done_with_another_output": Mistake(
        "batch",
        "item.failed(batch.unwritten(item.event))",
        "item.done(item.event)",
        "Placed",
        "Paid | None",
        above="item.done(",
    ),
    "a_forgotten_case_of_a_batch": Mistake(
        "batch_of_two_sources",
        "            case Paid():\n                item.failed(batch_of_two_sources.unwritten(item.event))\n",
        "",
        "Paid",
        "Never",
        above="assert_never(item.event)",
    ),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    (folder / "schemas" / "events").mkdir(parents=True)
    for name in EVENTS:
        schema = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": name,
            "type": "object",
            "properties": {"order": {"type": "string", "pattern": "^[a-z0-9]+$"}},
            "required": ["order"],
            "additionalProperties": False,
        }
        (folder / "schemas" / "events" / f"{name.lower()}.schema.json").write_text(json.dumps(schema))
    (folder / "schemas" / "pipeline.yaml").write_text(PIPELINE)
    generated = python(folder, "streamworker.cli", "generate")
    assert generated.returncode == 0, generated.stdout + generated.stderr
    return folder


@pytest.fixture(scope="module")
def report(project: Path) -> str:
    """What mypy says of every mistake, each in a module of its own, in one run."""
    (project / "wrong").mkdir()
    for name in MISTAKES:
        (project / "wrong" / f"{name}.py").write_text(with_mistake(project, name))
    return python(project, "mypy", "--strict", "--explicit-package-bases", "--no-error-summary", "wrong").stdout


def with_mistake(project: Path, name: str) -> str:
    mistake = MISTAKES[name]
    stub = (project / "handlers" / f"{mistake.stub}.py").read_text()
    assert stub.count(mistake.right) == 1
    all_events = f"from generated.events import {', '.join(EVENTS)}\n"
    return re.sub(r"from generated\.events import .*\n", all_events, stub.replace(mistake.right, mistake.wrong))


def python(folder: Path, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", module, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_every_worker_has_a_stub(project: Path) -> None:
    assert tuple(sorted(path.stem for path in (project / "handlers").glob("*.py"))) == STUBS


def test_stubs_pass_mypy_strict_without_any(project: Path) -> None:
    flags = ("--strict", "--disallow-any-explicit", "--explicit-package-bases")
    found = python(project, "mypy", *flags, "handlers", "generated/pipeline.py").stdout
    # The generated events have pydantic's Any in the signature that it makes; what holds handlers must have none.
    assert [line for line in found.splitlines() if line.startswith(("handlers/", "generated/pipeline"))] == []
    assert {line.rpartition("  ")[2] for line in found.splitlines()[:-1]} <= {"[explicit-any]"}


def test_stubs_pass_pyright_strict(project: Path) -> None:
    settings = {"typeCheckingMode": "strict", "pythonVersion": "3.11", "include": ["generated", "handlers"]}
    (project / "pyrightconfig.json").write_text(json.dumps(settings))
    found = python(project, "pyright", "-p", ".", "--pythonpath", sys.executable).stdout
    assert "0 errors, 0 warnings" in found, found


def test_ruff_has_nothing_to_say_of_stubs(project: Path) -> None:
    for command in ("check", "format --check"):
        settings = ("--no-cache", "--config", str(ROOT / "pyproject.toml"))
        found = python(project, "ruff", *command.split(), *settings, "handlers")
        assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_a_stub_is_named_where_it_is_made(project: Path, report: str, name: str) -> None:
    """On the decorator's line, where the binding is wrong. Both types are in the message; there is no other."""
    (said,) = re.findall(rf"^wrong/{name}\.py:(\d+): error: (.*)$", report, re.MULTILINE)
    number, message = int(said[0]), said[1]
    mistake = MISTAKES[name]
    assert message.endswith(f'has incompatible type "{mistake.given}"; expected "{mistake.expected}"  [arg-type]')
    assert (project / "wrong" / f"{name}.py").read_text().splitlines()[number - 1].strip().startswith(mistake.above)
