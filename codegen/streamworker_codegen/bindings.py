"""Which definition in `handlers/` is whose handler: read from the syntax tree, never imported.

`handlers/<worker>.py` holds exactly one top-level definition that is decorated with that worker's spec, through any chain:
`@record_watcher.handler`, `@workers.record_watcher.with_middleware(Logged()).blocking`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from streamworker_codegen.errors import Refused
from streamworker_codegen.naming import attribute
from streamworker_codegen.problems import Position, Problem
from streamworker_codegen.sources import Source, read_source

_SPEC = re.compile(r"(?:^|\.)generated\.workers\.(\w+)\.")
_STAR = "generated.workers"


@dataclass(frozen=True)
class Binding:
    """Where a handler is: a module below `handlers/`, and a name in it."""

    module: str
    name: str


@dataclass(frozen=True)
class Bindings:
    """The handler of each worker that has one; workers without a file get a stub."""

    handlers: Mapping[str, Binding]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Decorated:
    """A top-level definition with a worker's spec among its decorators; `where` is that decorator."""

    name: str
    spec: str
    where: Position


def read_bindings(handlers: Path, workers: Iterable[str]) -> Bindings:
    """Of the files of `handlers/`, those of workers and those that decorate with a spec all the same."""
    of_module = {attribute(worker): worker for worker in workers}
    found: dict[str, Binding] = {}
    problems: list[Problem] = []
    for path in sorted(handlers.glob("*.py")):
        try:
            decorated = decorated_in(read_source(path, f"{handlers.name}/{path.name}"))
        except Refused as refused:
            problems += refused.problems if path.stem in of_module else ()
            continue
        if path.stem in of_module:
            problems += _check_handler(path, handlers, decorated)
            own = [each for each in decorated if each.spec == path.stem]
            if own:
                found[of_module[path.stem]] = Binding(path.stem, own[0].name)
        else:
            problems += [_misplaced(each, of_module) for each in decorated]
    return Bindings(found, tuple(problems))


def decorated_in(source: Source) -> list[Decorated]:
    """The definitions of a module that are decorated with specs. Raises Refused where it is no Python."""
    try:
        tree = ast.parse(source.text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Refused(_not_python(source, error)) from error
    if _STAR.rpartition(".")[2] not in source.text:
        return []
    return list(_Module(source, tree).decorated())


class _Module:
    """Follows names of one module to what they stand for."""

    def __init__(self, source: Source, tree: ast.Module) -> None:
        self._source = source
        self._tree = tree
        self._names: dict[str, str] = {}
        self._star = ""

    def decorated(self) -> Iterator[Decorated]:
        for statement in self._tree.body:
            match statement:
                case ast.Import() | ast.ImportFrom():
                    self._import(statement)
                case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)) if (
                    statement.value
                ):
                    self._names[name] = self._path(statement.value)
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    yield from self._specs(statement)

    def _import(self, statement: ast.Import | ast.ImportFrom) -> None:
        prefix = ""
        if isinstance(statement, ast.ImportFrom):
            prefix = "." * statement.level + (f"{statement.module}." if statement.module else "")
        for name in statement.names:
            if name.name == "*":
                self._star = prefix if prefix.rstrip(".").endswith(_STAR) else self._star
            elif name.asname or prefix:
                self._names[name.asname or name.name] = prefix + name.name

    def _specs(self, definition: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Iterator[Decorated]:
        for decorator in definition.decorator_list:
            if spec := _SPEC.search(f"{self._path(decorator)}."):
                where = Position(self._source.file, decorator.lineno, decorator.col_offset + 1)
                yield Decorated(definition.name, spec[1], where)

    def _path(self, expression: ast.expr) -> str:
        """What an expression begins with, dotted; calls are seen through."""
        match expression:
            case ast.Name(id=name):
                return self._names.get(name, self._star + name)
            case ast.Attribute(value=value, attr=attr):
                return f"{self._path(value)}.{attr}"
            case ast.Call(func=function):
                return self._path(function)
            case _:
                return ""


def _not_python(source: Source, error: Exception) -> Problem:
    if isinstance(error, SyntaxError):
        where = Position(source.file, error.lineno or 1, error.offset or 1)
        return Problem(where, "handler-syntax", f"not Python: {error.msg}", "mend the syntax")
    return Problem(Position(source.file), "handler-syntax", "not Python, or nested too deeply", "mend the file")


def _check_handler(path: Path, handlers: Path, decorated: list[Decorated]) -> Iterator[Problem]:
    spec = path.stem
    own = [each for each in decorated if each.spec == spec]
    for other in decorated:
        if other.spec != spec:
            what = f"{other.name} is decorated with {other.spec}, and this file is for the handler of {spec}"
            yield Problem(
                other.where,
                "other-workers-spec",
                what,
                f"decorate it with {spec}, or move it to handlers/{other.spec}.py",
            )
    if not own and not decorated:
        what = f"no definition is decorated with {spec}, so that this worker has no handler"
        mend = f"write @{spec}.handler above it, after `from generated.workers import {spec}`"
        yield Problem(Position(f"{handlers.name}/{path.name}"), "no-handler", what, mend)
    for second in own[1:]:
        what = f"{second.name} is decorated with {spec}, and so is {own[0].name} in line {own[0].where.line}"
        yield Problem(second.where, "two-handlers", what, "a worker has one handler: remove one of the decorators")


def _misplaced(decorated: Decorated, of_module: Mapping[str, str]) -> Problem:
    if decorated.spec in of_module:
        what = f"{decorated.name} is decorated with {decorated.spec}, and stands in another file than that worker's"
        return Problem(decorated.where, "misplaced-handler", what, f"move it to handlers/{decorated.spec}.py")
    what = f"{decorated.name} is the handler of {decorated.spec}, and there is no such worker"
    return Problem(
        decorated.where,
        "orphaned-handler",
        what,
        "add the worker to schemas/pipeline.yaml, or remove this file",
        "warning",
    )
