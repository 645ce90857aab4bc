"""Whether every `$ref` leads somewhere, and none in a circle."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from posixpath import dirname, relpath
from typing import TypeAlias

from streamworker_codegen.dialects import DIALECTS, applied_in_place
from streamworker_codegen.documents import Json, Place
from streamworker_codegen.errors import UnresolvedReference
from streamworker_codegen.pointers import child
from streamworker_codegen.problems import Problem
from streamworker_codegen.registry import Reference, Registry
from streamworker_codegen.uris import address_of, join, split

_Node: TypeAlias = tuple[str, str]
_DEEPEST = 100
_Edges: TypeAlias = dict[_Node, dict[_Node, None]]  # ordered, so that a circle is told in the same way each time


def check_references(registry: Registry, refused: Collection[str] = ()) -> list[Problem]:
    """References to nothing, to the web, out of the folder or in a circle, and two schemas with one URI. A reference to one of the
    `refused` files is left out: that file has its own problem."""
    silent = {address_of(path) for path in refused}
    problems = [_clash(registry, later, earlier) for later, earlier in registry.clashes]
    for reference in registry.references():
        try:
            registry.resolve(reference.place, reference.text)
        except UnresolvedReference as error:
            if _address(reference) not in silent:
                problems.append(_unresolved(registry, reference, error))
    circles = list(_circles(registry))
    return problems + (circles or list(_too_deep(registry)))


def unknown(registry: Registry, refused: Collection[str]) -> frozenset[str]:
    """The documents that refer to one of the `refused` files, or to one that does: what they say is not known yet."""
    if not refused:
        return frozenset()
    users = defaultdict[str, set[str]](set)
    for reference in registry.references():
        try:
            target = address_of(registry.resolve(reference.place, reference.text).document.path)
        except UnresolvedReference:
            target = _address(reference)
        users[target].add(reference.place.document.path)
    found: set[str] = set()
    waiting = {address_of(path) for path in refused}
    while waiting:
        new = users[waiting.pop()] - found
        found |= new
        waiting |= set(map(address_of, new))
    return frozenset(found)


def _address(reference: Reference) -> str:
    """Where a reference leads to by its file's path, whether or not something is there."""
    return split(join(address_of(reference.place.document.path), reference.text))[0]


def _unresolved(registry: Registry, reference: Reference, error: UnresolvedReference) -> Problem:
    text = json.dumps(reference.text, ensure_ascii=False)
    match error.why:
        case "web":
            code, what = "ref-to-web", f"{reference.keyword} {text} is on the web, and generate reads none of it"
            mend = f"save that schema below schemas/events/ with `$id`: {json.dumps(split(reference.text)[0])}"
        case "shared":
            holders = [path for path, each in registry.documents.items() if each.shared_id == split(error.target)[0]]
            code, what = "doubled-id", f"{reference.keyword} {text} may mean any of {', '.join(holders)}"
            mend = "refer to one of them by its path, from the folder of this file"
        case "outside":
            code, what = "ref-outside", f"{reference.keyword} {text} leads out of schemas/events/"
            mend = "move that schema into the folder, and refer to it there"
        case _:
            code, what = "ref-to-nothing", f"{reference.keyword} {text} leads to nothing"
            mend = _what_is_there(registry, reference)
    return Problem(reference.at.where, code, what, mend)


def _what_is_there(registry: Registry, reference: Reference) -> str:
    address, fragment = split(reference.text)
    try:
        document = registry.resolve(reference.place, address).document
    except UnresolvedReference:
        return _near_file(registry, reference, address)
    known = [f"/{keyword}/{name}" for keyword, name in _definitions(document.value)]
    near = get_close_matches(fragment, known, 1)
    if near:
        return f'{document.path} has no such place; did you mean "{address}#{near[0]}"?'
    return f"{document.path} has no such place; it defines {', '.join(known) or 'nothing beside itself'}"


def _near_file(registry: Registry, reference: Reference, address: str) -> str:
    folder = dirname(reference.place.document.path)
    near = get_close_matches(address, [relpath(path, folder) for path in registry.documents], 1)
    if near:
        return f'there is no such file or `$id`; did you mean "{near[0]}"?'
    return "there is no such file or `$id` below schemas/events/; paths start at the folder of the file that refers"


def _definitions(value: Json) -> Iterator[tuple[str, str]]:
    for keyword in ("$defs", "definitions"):
        held = value.get(keyword) if isinstance(value, dict) else None
        if isinstance(held, dict):
            yield from ((keyword, name) for name in held)


def _clash(registry: Registry, later: Place, earlier: Place) -> Problem:
    what = f"two schemas answer to one name under {registry.base(later)}: the other is at {earlier.where}"
    return Problem(
        Place(later.document, f"{later.pointer}/$id").where, "doubled-id", what, "change or remove one `$id` or anchor"
    )


def _circles(registry: Registry) -> Iterator[Problem]:
    """Schemas that apply to an instance what, by references alone, leads back to themselves: a validator would never end."""
    edges = _edges(registry)
    while cycle := _cycle(edges):
        del edges[cycle[1]][cycle[0]]
        yield _circle(registry, cycle)


def _too_deep(registry: Registry) -> Iterator[Problem]:
    """Schemas that hold for one value, each because of the one before: readers and validators call themselves for each."""
    edges = _edges(registry)
    depth: dict[_Node, int] = {}
    for node in TopologicalSorter(edges).static_order():
        depth[node] = 1 + max((depth[each] for each in edges.get(node, ())), default=0)
    deepest = max(depth, key=depth.__getitem__, default=None)
    if deepest is not None and depth[deepest] > _DEEPEST:
        path, pointer = deepest
        what = f"{depth[deepest]} schemas hold for one value, each by the one before: at most {_DEEPEST} may"
        mend = "refer to the last of them at once, or say what they say together in one schema"
        yield Problem(Place(registry.documents[path], pointer).where, "too-deep", what, mend)


def _edges(registry: Registry) -> _Edges:
    edges: _Edges = {}
    waiting = [reference.place for reference in registry.references()]
    while waiting:
        place = waiting.pop()
        node = (place.document.path, place.pointer)
        if node not in edges:
            applied = list(_applied(registry, place))
            edges[node] = {(each.document.path, each.pointer): None for each in applied}
            waiting += applied
    return edges


def _applied(registry: Registry, place: Place) -> Iterator[Place]:
    """The schemas that hold for the same instance as the one at `place`, one step away."""
    schema = place.document.value_at(place.pointer)
    if not isinstance(schema, dict):
        return
    dialect = DIALECTS[place.document.draft]
    target = registry.target(place)
    if target:
        yield target
    if not (dialect.lone_reference and "$ref" in schema):
        for step in applied_in_place(schema, dialect):
            yield Place(place.document, child(place.pointer, *step))


def _cycle(edges: _Edges) -> list[_Node]:
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        found: list[_Node] = error.args[1]
        return found
    return []


def _circle(registry: Registry, cycle: list[_Node]) -> Problem:
    around = [f"{path}#{pointer}" for path, pointer in reversed(cycle)]
    path, pointer = cycle[-1]
    place = Place(registry.documents[path], pointer)
    return Problem(
        Place(place.document, f"{pointer}/$ref").where,
        "ref-circle",
        f"a circle of references: {' -> '.join(around)}",
        "break it: let one of them describe a value of its own, or refer from within `properties` or `items`",
    )
