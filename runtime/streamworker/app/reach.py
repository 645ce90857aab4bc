"""What a worker's code works with on the server: the buckets, object stores and subjects that can be reached from its handler.

Found by following names, from the handler through every function, class and object of the project's own modules. What is reached in
another way (`getattr`, a registry that is filled later) is not seen.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import CellType, CodeType, FunctionType, MethodType, ModuleType

from streamworker.resources import Bucket, ObjectStore
from streamworker.spec import BoundWorker
from streamworker.subject import Subject


@dataclass(frozen=True)
class Reach:
    """subjects: those that its code names, to publish on them by itself; events that it merely takes or returns don't count."""

    buckets: frozenset[str] = frozenset()
    objects: frozenset[str] = frozenset()
    subjects: frozenset[str] = frozenset()


def reach_of(worker: BoundWorker, project: Path) -> Reach:
    """What the code of a worker uses. project: its folder; modules elsewhere are libraries, and not looked into."""
    found = list(_reached(worker.target, project.resolve()))
    return Reach(
        buckets=frozenset(each.name for each in found if isinstance(each, Bucket)),
        objects=frozenset(each.name for each in found if isinstance(each, ObjectStore)),
        subjects=frozenset(each.filter for each in found if isinstance(each, Subject)),
    )


def _reached(start: object, project: Path) -> Iterator[object]:
    """Everything that leads on from `start`, itself among it, each once."""
    waiting, seen = [start], dict[int, object]()  # kept, so that no identity is given anew
    while waiting:
        each = waiting.pop()
        if id(each) not in seen:
            seen[id(each)] = each
            yield each
            waiting += _next(each, project)


def _next(value: object, project: Path) -> Iterator[object]:
    match value:
        case Bucket() | ObjectStore() | Subject() | ModuleType():
            return
        case FunctionType():
            yield from _of_function(value, project)
        case MethodType() | staticmethod() | classmethod():
            yield value.__func__
            yield getattr(value, "__self__", None)
        case property():
            yield from (value.fget, value.fset, value.fdel)
        case partial():
            yield from (value.func, *value.args, *value.keywords.values())
        case CellType():
            yield from _content(value)
        case dict():
            yield from value.values()
        case list() | tuple() | set() | frozenset():
            yield from value
        case type():
            yield from (*vars(value).values(), *value.__bases__) if _is_own(value.__module__, project) else ()
        case _ if _is_own(type(value).__module__, project):
            yield type(value)
            yield from getattr(value, "__dict__", {}).values()


def _of_function(function: FunctionType, project: Path) -> Iterator[object]:
    """What a function names, what it encloses, and what it wraps: a library's decorator is followed to what it decorates."""
    yield from function.__closure__ or ()
    yield getattr(function, "__wrapped__", None)
    if not _is_own(function.__module__, project):
        return
    yield from function.__defaults__ or ()
    yield from (function.__kwdefaults__ or {}).values()
    names, known = set(_names(function.__code__)), function.__globals__
    yield from (known[name] for name in names if name in known)
    for module in _modules(names, known):  # which of the names follows which module, the code does not say
        if _is_own(module.__name__, project):
            yield from (vars(module)[name] for name in names if name in vars(module))


def _modules(names: Iterable[str], known: Mapping[str, object]) -> Iterator[ModuleType]:
    """The modules that some names stand for: imported above, or within a function."""
    for name in names:
        if isinstance(module := known.get(name), ModuleType):
            yield module
        for path in (name, f"{known.get('__package__')}.{name}"):
            if path in sys.modules:
                yield sys.modules[path]


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _content(cell: CellType) -> Iterator[object]:
    try:
        yield cell.cell_contents
    except ValueError:  # it is empty
        return


def _is_own(module: str | None, project: Path) -> bool:
    if (module or "").split(".")[0] == "streamworker":  # it may lie in the project's folder as well
        return False
    file = getattr(sys.modules.get(module or ""), "__file__", None)
    if not file:
        return False
    path = Path(file).resolve()
    return path.is_relative_to(project) and "site-packages" not in path.parts
