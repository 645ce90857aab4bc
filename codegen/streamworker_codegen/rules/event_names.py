"""The class of each event and bucket value: by its title, else by its path. Events that others wrote may share a title, or have one
that generated code needs for itself: those go by their paths, too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath
from typing import TypeAlias

from streamworker_codegen import naming
from streamworker_codegen.documents import Place
from streamworker_codegen.imports import RESERVED
from streamworker_codegen.pointers import steps
from streamworker_codegen.registry import Registry

_Name: TypeAlias = Callable[[Place], str]


def event_names(registry: Registry, places: Iterable[Place]) -> dict[Place, str]:
    """The name of the class of each place, "" where there is none; the same for two where nothing tells them apart."""

    def titled(place: Place) -> str:
        return title_of(registry, place)

    waiting = list(dict.fromkeys(places))
    names: dict[Place, str] = {}
    for name_of in (titled, _by_key, _by_path):
        candidates = {place: name_of(place) for place in waiting}
        names |= _free(candidates, names)
        waiting = [place for place in waiting if place not in names]
    return names | {place: _by_path(place) or titled(place) for place in waiting}


def title_of(registry: Registry, place: Place) -> str:
    """The class that the title of a schema asks for; "" for none."""
    schema = registry.value(place)
    return naming.title(schema.get("title")) if isinstance(schema, dict) else ""


def _free(candidates: Mapping[Place, str], names: Mapping[Place, str]) -> dict[Place, str]:
    taken = Counter([*candidates.values(), *names.values()])
    return {place: name for place, name in candidates.items() if name and name not in RESERVED and taken[name] == 1}


def _by_key(place: Place) -> str:
    """`...#/$defs/Rule` -> `Rule`; of a whole file as `_by_path`."""
    return naming.pascal(steps(place.pointer)[-1]) if place.pointer else _by_path(place)


def _by_path(place: Place) -> str:
    """`events/mirakc/recording.failed.schema.json` -> `MirakcRecordingFailed`; `events/rules.json#/$defs/Rule` -> `RulesRule`."""
    *folders, file = PurePosixPath(place.document.path).parts
    parts = [*map(naming.module, [*folders[1:], file]), *steps(place.pointer)[-1:]]
    return "".join(map(naming.pascal, parts))
