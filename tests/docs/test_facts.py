"""What the docs say of names, messages and tests is so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamworker import names
from streamworker.jetstream.options import ConnectionOptions

from tests.docs.blocks import PAGES, ROOT

PACKAGES = (ROOT / "runtime" / "streamworker", ROOT / "codegen" / "streamworker_codegen")
SOURCES = [path for package in PACKAGES for path in package.rglob("*.py")]


def rows(page: Path) -> Iterator[list[str]]:
    """The cells of each row of its tables, without headers."""
    lines = page.read_text().splitlines()
    for before, line in zip(["", *lines], lines, strict=False):
        if line.startswith("|") and before.startswith("|") and not re.fullmatch(r"[|:\- ]+", line):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text())
    assert [target for target in targets if "://" not in target and not (page.parent / target).exists()] == []
    assert [target for target in targets if "://" in target] == [], "there are no addresses: they rot"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_test_that_is_said_to_prove_something_is_there(page: Path) -> None:
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    named = re.findall(r"`(test_\w+)`", page.read_text())
    assert [name for name in named if f"def {name}(" not in tests] == []


def test_every_guarantee_names_its_proof() -> None:
    promised = [row for page in ("README.md", "docs/guarantees.md") for row in rows(ROOT / page)]
    assert len(promised) > 15
    assert [row for row in promised if not re.match(r"`test_\w+`|the same", row[-1])] == []


def test_every_page_is_reached_from_the_index() -> None:
    index = (ROOT / "docs" / "index.md").read_text() + (ROOT / "docs" / "adr" / "README.md").read_text()
    pages = {page.name for page in PAGES} - {"index.md"}
    assert {page for page in pages if f"{page})" not in index} - {"README.md"} == set()


def test_every_message_of_the_troubleshooting_is_one_that_we_print() -> None:
    code = "\n".join(re.sub(r'"\n\s*f?"', "", path.read_text()) for path in SOURCES)
    messages = [row[0].partition("`")[2].partition("`")[0] for row in rows(ROOT / "docs" / "troubleshooting.md")]
    parts = [part for message in messages for part in re.split("…", message) if part.strip(" (),:")]
    of_mypy = 'Argument 1 to "handler" of "WorkerSpec" has incompatible type'
    assert len(parts) > 25
    assert [part for part in parts if part.strip() not in code and part != of_mypy] == []


class Asked(dict[str, str]):
    """An environment that remembers which variables were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, key: str, default: str | None = None, /) -> str | None:  # type: ignore[override]  # of text alone
        self.names.add(key)
        return default


def test_the_variables_of_a_connection_are_all_described() -> None:
    environment = Asked()
    ConnectionOptions.from_environment(environment)
    described = set(re.findall(r"`(NATS_\w+)`", (ROOT / "docs" / "operations.md").read_text()))
    assert environment.names == described


def test_names_on_the_server_are_as_described() -> None:
    said = (ROOT / "docs" / "operations.md").read_text()
    for name in (
        names.durable("recorder", "<worker>"),
        names.dead_letter_subject("recorder", "<worker>"),
        names.redrive_subject("recorder", "<worker>"),
        names.redrive_stream("recorder"),
        names.ledger_bucket("recorder"),
        names.deploys_bucket("recorder"),
        names.lease_bucket("recorder"),
    ):
        assert f"`{name}`" in said


def test_commands_of_make_that_are_named_are_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"`make ([a-z-]+)`", page.read_text())}
    assert named <= targets
    assert {"run", "test"} <= named


def test_the_parts_that_the_architecture_names_are_there() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    named = set(re.findall(r"(?<![\w./-])((?:\w+/)*\w+\.py|\w+/)(?=[\s,:`)])", text))
    there = {str(path.relative_to(base)) for base in PACKAGES for path in base.rglob("*.py")}
    files = {name for name in named if name.endswith(".py") and not name.startswith("tests/")}
    assert len(files) > 30
    assert {name for name in files if not any(f"/{path}".endswith(f"/{name}") for path in there)} == set()
    bases = (*PACKAGES, ROOT / "generated")
    folders = {f"{path.name}/" for base in bases for path in base.rglob("*")} | {f"{it.name}/" for it in ROOT.iterdir()}
    assert {name for name in named if name.endswith("/")} - folders == set()
