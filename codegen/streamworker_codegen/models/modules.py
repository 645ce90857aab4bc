"""The modules of `generated/events/`: which definition stands in which, in what order, and what it imports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from streamworker_codegen.imports import Imports, relative
from streamworker_codegen.shapes.names import module_path
from streamworker_codegen.shapes.types import Definition, Key, NamedType, uses


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
    ordered = _ordered(definitions, names)
    return tuple(
        Module(
            path,
            tuple(sorted({definitions[key].place.document.path for key in definitions if path in (home[key], stands[key])})),
            tuple(key for key in ordered if stands[key] == path),
            tuple(key for key in ordered if home[key] == path != stands[key]),
        )
        for path in sorted({*home.values()})
    )


def _homes(definitions: Mapping[Key, Definition]) -> dict[Key, str]:
    """The module of each definition's file; one that has the name of a folder gets a trailing underscore."""
    paths = {key: module_path(each.place.document) for key, each in definitions.items()}
    folders = {path[:at] for path in paths.values() for at, letter in enumerate(path) if letter == "/"}
    return {key: f"{path}_" if path in folders else path for key, path in paths.items()}


def _merged(home: Mapping[Key, str], definitions: Mapping[Key, Definition]) -> dict[Key, str]:
    """Modules that need each other become one: the first of them by name."""
    stands = dict(home)
    while cycle := _cycle({(stands[key], stands[used]) for key, each in definitions.items() for used in uses(each)}):
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


def _ordered(definitions: Mapping[Key, Definition], names: Mapping[Key, str]) -> list[Key]:
    """What a definition uses stands before it; where two use each other, a named type, whose value is needed at once, is last."""
    order: dict[Key, None] = {}
    entered: set[Key] = set()

    def visit(key: Key) -> None:
        if key in entered:
            return
        entered.add(key)
        for used in sorted(uses(definitions[key]), key=lambda each: (isinstance(definitions[each], NamedType), names[each])):
            visit(used)
        order[key] = None

    for key in sorted(definitions, key=names.__getitem__):
        visit(key)
    return _after_what_they_name(list(order), definitions)


def _after_what_they_name(order: list[Key], definitions: Mapping[Key, Definition]) -> list[Key]:
    """Named types are moved behind all that they are made of."""
    placed: dict[Key, None] = {}

    def place(key: Key) -> None:
        if key in placed:
            return
        if isinstance(definitions[key], NamedType):
            waiting.add(key)
            for used in uses(definitions[key]):
                if used not in waiting:
                    place(used)
            waiting.discard(key)
        placed[key] = None

    waiting: set[Key] = set()
    for key in order:
        place(key)
    return list(placed)


def rebuilt(keys: Iterable[Key], definitions: Mapping[Key, Definition]) -> Iterator[Key]:
    """The classes of a module that refer to something below them: pydantic completes them at its end."""
    above: set[Key] = set()
    order = list(keys)
    here = set(order)
    for key in order:
        above.add(key)
        if not isinstance(definitions[key], NamedType) and any(each in here - above for each in uses(definitions[key])):
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
