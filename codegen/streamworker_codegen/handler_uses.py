"""What handlers take from `generated/` beside their events: buckets, HTTP services, subjects that they publish to by themselves.

Read from the syntax trees, never imported: from a worker's handler on, every definition of `handlers/` that it names, and so on. What
is reached in another way (getattr, a registry) is not seen.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from streamworker_codegen.bindings import read_bindings
from streamworker_codegen.errors import Refused
from streamworker_codegen.project import Project
from streamworker_codegen.sources import read_source

_Name: TypeAlias = tuple[str, str]  # a module and a name in it; "" is the module itself


@dataclass(frozen=True)
class Uses:
    """Names of constants: of `generated/resources.py`, and of the subjects of `generated/subjects.py`."""

    resources: frozenset[str] = frozenset()
    subjects: frozenset[str] = frozenset()


def read_uses(project: Project, workers: tuple[str, ...]) -> Mapping[str, Uses]:
    """By worker; of one without a handler nothing is known."""
    modules = _Modules(project)
    bindings = read_bindings(project.handlers, workers).handlers
    return {worker: _uses(modules.reached((f"handlers.{at.module}", at.name))) for worker, at in bindings.items()}


def _uses(reached: set[_Name]) -> Uses:
    def of(module: str) -> frozenset[str]:
        return frozenset(name for where, name in reached if where == f"generated.{module}" and name)

    return Uses(of("resources"), of("subjects"))


class _Modules:
    """The modules of `handlers/`, each parsed once, when a name in it is reached."""

    def __init__(self, project: Project) -> None:
        self._root = project.root
        self._prefix = f"{project.package}." if project.package else ""
        self._parsed: dict[str, _Module] = {}

    def reached(self, start: _Name) -> set[_Name]:
        """All names that a definition leads to, itself among them."""
        found: set[_Name] = set()
        waiting = [start]
        while waiting:
            each = waiting.pop()
            if each not in found:
                found.add(each)
                waiting += self._next(each)
        return found

    def _next(self, name: _Name) -> list[_Name]:
        module, within = name
        if not module.startswith("handlers"):
            return []
        return [(self._plain(where), what) for where, what in self._module(module).named_by(within)]

    def _plain(self, module: str) -> str:
        return module.removeprefix(self._prefix)

    def _module(self, name: str) -> _Module:
        if name not in self._parsed:
            self._parsed[name] = _Module(name, _tree(self._root / Path(*name.split("."))))
        return self._parsed[name]


def _tree(path: Path) -> ast.Module:
    """Empty where there is no such module, or it is no Python: that has its own problem."""
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        try:
            return ast.parse(read_source(file, file.name).text)
        except (Refused, SyntaxError, ValueError, RecursionError):
            continue
    return ast.Module([], [])


@dataclass
class _Module:
    name: str
    tree: ast.Module
    definitions: dict[str, list[ast.stmt]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for statement in self.tree.body:
            for name in _defined(statement):
                self.definitions.setdefault(name, []).append(statement)

    @cached_property
    def imported(self) -> Mapping[str, _Name]:
        """What the names that are imported anywhere in the module stand for."""
        return {alias: stands for node in ast.walk(self.tree) for alias, stands in self._imports(node)}

    def named_by(self, name: str) -> Iterator[_Name]:
        if name not in self.definitions:
            yield from [self.imported[name]] if name in self.imported else []
            return
        for statement in self.definitions[name]:
            for node in ast.walk(statement):
                yield from self._named(node)

    def _named(self, node: ast.AST) -> Iterator[_Name]:
        if isinstance(node, ast.Name):
            yield (self.name, node.id)
        if isinstance(node, ast.Attribute):
            root = self.imported.get(ast.unparse(node.value))
            if root:
                yield (".".join(filter(None, root)), node.attr)

    def _imports(self, node: ast.AST) -> Iterator[tuple[str, _Name]]:
        if isinstance(node, ast.Import):
            yield from ((alias.asname or alias.name, (alias.name, "")) for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            module = self._absolute(node)
            yield from ((alias.asname or alias.name, (module, alias.name)) for alias in node.names)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        around = self.name.split(".")[: -node.level]
        return ".".join([*around, *([node.module] if node.module else [])])


def _defined(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            return [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case _:
            return []
