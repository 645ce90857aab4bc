"""The arrows of docs/architecture.md: what may import what."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RUNTIME = ROOT / "runtime"
CODEGEN = ROOT / "codegen"

# From the ground up: a module may import from its own row and those before it. The longest name that fits counts.
ROWS = (
    ("leaves", ("actions", "delivery", "errors", "handler", "names", "options", "places")),
    ("contract", ("contract", "environment", "letters", "packing", "subject")),
    ("declarations", ("ingest.spec", "resources.declarations", "resources.keys", "pipeline", "spec")),
    ("roles", ("resources.backend", "sinks.base", "sources.base", "sources.beside")),
    ("jetstream", ("jetstream",)),
    ("edges", ("resources", "sinks", "sources")),
    ("engine", ("engine", "ingest", "middleware")),
    ("faces", ("simple", "testing")),
    ("app", ("app",)),
    ("cli", ("cli",)),
)
LEVELS = {part: level for level, (_, parts) in enumerate(ROWS) for part in parts}


def modules(package: Path) -> list[Path]:
    return sorted(path for path in package.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it; for type checkers alone counts not: nothing runs."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def level(module: str) -> int:
    parts = module.split(".")[1:]
    for length in range(len(parts), 0, -1):
        if (found := LEVELS.get(".".join(parts[:length]))) is not None:
            return found
    return -1


def name_of(path: Path) -> str:
    parts = path.relative_to(RUNTIME).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


@pytest.mark.parametrize("path", modules(RUNTIME / "streamworker"), ids=name_of)
def test_a_module_of_the_runtime_imports_from_its_own_row_and_those_below(path: Path) -> None:
    name = name_of(path)
    if name == "streamworker":
        return  # the public names, imported on first use
    own = level(name)
    assert own >= 0, f"{name} stands in no row: docs/architecture.md and ROWS name them all"
    upward = {found for found in imports(path) if found.startswith("streamworker.") and level(found) > own}
    assert upward == set()


@pytest.mark.parametrize("path", modules(CODEGEN / "streamworker_codegen"), ids=lambda path: path.stem)
def test_the_compiler_does_not_import_the_runtime(path: Path) -> None:
    ours = {"streamworker", "generated", "handlers"}
    assert {found for found in imports(path) if found.split(".")[0] in ours} == set()


@pytest.mark.parametrize("path", modules(ROOT / "generated"), ids=lambda path: path.stem)
def test_generated_code_imports_the_runtime_alone_and_the_pipeline_the_handlers(path: Path) -> None:
    allowed = {"streamworker", "pydantic", "typing", "collections", "__future__", "annotated_types"}
    if path.name == "pipeline.py":
        allowed |= {"handlers"}
    assert {found.split(".")[0] for found in imports(path)} - allowed == set()


def test_the_runtime_imports_neither_the_compiler_nor_what_is_the_users() -> None:
    foreign = {"streamworker_codegen", "generated", "handlers", "tests"}
    found = {each for path in modules(RUNTIME / "streamworker") for each in imports(path)}
    assert {each for each in found if each.split(".")[0] in foreign} == set()
