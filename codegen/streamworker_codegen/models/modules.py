"""The modules of `generated/events/`: which definition stands in which, in what order, and what it imports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from streamworker_codegen.imports import Imports, relative
from streamworker_codegen.shapes.names import module_path
from streamworker_codegen.shapes.types import Definition, Key, NamedType


@dataclass(frozen=True)
class Module:
    """path: below `generated/events/`, without suffix. sources: schema files. keys: its definitions, in order. moved: those of its
    files that stand in another module, since the two refer to each other."""

    path: str
    sources: tuple[str, ...]
    keys: tuple[Key, ...]
    moved: tuple[Key, ...] = ()


def modules(definitions: Mapping[Key, Definition], names: Mapping[Key, str]) -> tuple[Module, ...]:
    home = _homes(definitions)
    stands = _merged(home, definitions)
    made: dict[str, _Contents] = {path: _Contents() for path in sorted({*home.values()})}
    for key, definition in definitions.items():
        source = definition.place.document.path
        made[home[key]].sources.add(source)
        made[stands[key]].sources.add(source)
        made[stands[key]].keys.append(key)
        if home[key] != stands[key]:
            made[home[key]].moved.append(key)
    return tuple(
        Module(path, tuple(sorted(each.sources)), _ordered(each.keys, definitions, names), tuple(each.moved))
        for path, each in made.items()
    )


@dataclass
class _Contents:
    sources: set[str] = field(default_factory=set)
    keys: list[Key] = field(default_factory=list)
    moved: list[Key] = field(default_factory=list)


def _homes(definitions: Mapping[Key, Definition]) -> dict[Key, str]:
    """The module of each definition's file; one that has the name of a folder gets a trailing underscore."""
    paths = {key: module_path(each.place.document) for key, each in definitions.items()}
    folders = {path[:at] for path in paths.values() for at, letter in enumerate(path) if letter == "/"}
    return {key: f"{path}_" if path in folders else path for key, path in paths.items()}


def _merged(home: Mapping[Key, str], definitions: Mapping[Key, Definition]) -> dict[Key, str]:
    """Modules that need each other become one: the first of them by name."""
    stands = dict(home)
    while cycle := _cycle({(stands[key], stands[used]) for key, each in definitions.items() for used in each.uses}):
        stands = {key: min(cycle) if path in cycle else path for key, path in stands.items()}
    return stands


def _cycle(edges: Iterable[tuple[str, str]]) -> list[str]:
    graph: dict[str, set[str]] = {}
    for one, other in sorted(edges):
        if one != other:
            graph.setdefault(one, set()).add(other)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


def _ordered(keys: Iterable[Key], definitions: Mapping[Key, Definition], names: Mapping[Key, str]) -> tuple[Key, ...]:
    """By name, but what a definition uses stands before it. A named type needs that, since its value is made at once; of a class the
    uses are looked up when it is complete, so where two use each other, the class comes first."""
    here = sorted(keys, key=names.__getitem__)
    local = set(here)
    order: dict[Key, None] = {}
    entered: set[Key] = set()

    def visit(key: Key) -> None:
        entered.add(key)
        for used in sorted(local.intersection(definitions[key].uses), key=names.__getitem__):
            if used not in entered and not (_needs(used, definitions) & entered - order.keys()):
                visit(used)
        order[key] = None

    for key in here:
        if key not in entered:
            visit(key)
    return tuple(order)


def _needs(key: Key, definitions: Mapping[Key, Definition]) -> set[Key]:
    """What has to stand before a named type."""
    found: set[Key] = set()
    waiting = [key]
    while waiting:
        each = waiting.pop()
        if isinstance(definitions[each], NamedType):
            new = set(definitions[each].uses) - found
            found |= new
            waiting += new
    return found


def rebuilt(keys: Iterable[Key], definitions: Mapping[Key, Definition]) -> Iterator[Key]:
    """The classes of a module that refer to something below them: pydantic completes them at its end."""
    above: set[Key] = set()
    order = list(keys)
    here = set(order)
    for key in order:
        above.add(key)
        if not isinstance(definitions[key], NamedType) and any(each in here - above for each in definitions[key].uses):
            yield key


def imports(module: Module, used: Iterable[str], homes: Mapping[str, str]) -> Imports:
    """What a module imports: `used` are the names in it, `homes` the modules of all definitions by name."""
    found = Imports()
    for name in used:
        if name in homes:
            if homes[name] != module.path:
                found.add(relative(f"events/{module.path}", f"events/{homes[name]}"), name)
        else:
            found.known(name)
    return found
