"""The recorder's layers: what it decides knows nothing of what it talks to."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

HANDLERS = Path(__file__).parents[2] / "handlers"
OUTSIDE = {"httpx", "nats", "asyncio", "socket", "ssl", "os", "time", "random"}


def imports(path: Path) -> set[str]:
    """The modules that a module imports, in full."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: a relative import"
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("path", sorted(HANDLERS.glob("domain/*.py")), ids=lambda path: path.name)
def test_the_domain_is_pure(path: Path) -> None:
    named = imports(path)
    assert not {name.partition(".")[0] for name in named} & OUTSIDE
    assert all(name.startswith("handlers.domain") for name in named if name.startswith("handlers"))
    assert all(name == "generated.events" for name in named if name.startswith("generated"))
    assert all(name == "streamworker" and path.name == "errors.py" for name in named if name.startswith("streamworker"))


@pytest.mark.parametrize("path", sorted(HANDLERS.glob("infrastructure/*.py")), ids=lambda path: path.name)
def test_the_infrastructure_serves_the_domain_and_knows_no_worker(path: Path) -> None:
    named = imports(path)
    assert all(
        name.startswith(("handlers.domain", "handlers.infrastructure")) for name in named if name.startswith("handlers")
    )
    assert "generated.workers" not in named


@pytest.mark.parametrize("path", sorted(HANDLERS.glob("[a-z]*.py")), ids=lambda path: path.name)
def test_a_worker_is_thin(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 120
    assert "generated.workers" in imports(path)
