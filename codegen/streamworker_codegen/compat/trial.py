"""A verdict put to the test: is there a message that one side writes and the other refuses?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from random import Random
from typing import Final, TypeAlias

from streamworker_codegen.compat.containment import difference
from streamworker_codegen.compat.hints import Hints
from streamworker_codegen.compat.instances import Instances
from streamworker_codegen.compat.judges import Accepts
from streamworker_codegen.compat.shrinking import shrunk
from streamworker_codegen.documents import Json

Example: TypeAlias = dict[str, Json]
_SEED: Final = 20261124
_TRIES: Final = 20  # messages made up for each valid one that is asked for, at most


@dataclass(frozen=True)
class Sides:
    """writes: the plain schema of what is written, closed where it is; reads: of who reads it. can_write, can_read: who decides."""

    writes: Json
    reads: Json
    can_write: Accepts
    can_read: Accepts

    def breaks(self, value: Json) -> bool:
        return isinstance(value, dict) and self.can_write(value) and not self.can_read(value)


@dataclass(frozen=True)
class Trial:
    """tried: how many messages that are written were put to the reader. example: one that it refuses, made small."""

    tried: int
    example: Example | None = None


def put_to_the_test(sides: Sides, wanted: int) -> Trial:
    """`wanted` messages that the writer can write, or as many as could be made up."""
    tried = 0
    for value in _candidates(sides, wanted * _TRIES):
        if tried >= wanted:
            break
        if not isinstance(value, dict) or not sides.can_write(value):
            continue
        tried += 1
        if not sides.can_read(value):
            small = shrunk(value, sides.breaks)
            assert isinstance(small, dict)
            return Trial(tried, small)
    return Trial(tried)


def _candidates(sides: Sides, most: int) -> Iterator[Json]:
    random = Random(_SEED)
    hints = Hints.of(sides.writes, sides.reads)
    makers: list[Callable[[], Json]] = [Instances(sides.writes, hints, random).one]
    if (left := difference(sides.writes, sides.reads)) is not False:
        makers.insert(0, Instances(left, hints, random).one)
    other = Instances(sides.reads, hints, random)
    makers.append(lambda: _changed(Instances(sides.writes, hints, random).one(), other, hints, random))
    for index in range(most):
        yield makers[index % len(makers)]()


def _changed(value: Json, other: Instances, hints: Hints, random: Random) -> Json:
    """A message with something of the other version's in it, or with one thing changed."""
    changed, donor = deepcopy(value), other.one()
    if not isinstance(changed, dict):
        return donor
    if isinstance(donor, dict) and random.random() < 0.5:
        return _merged(changed, donor, random)
    place = random.choice(list(_objects(changed)))
    names = [*place, *hints.names]
    if names:
        name = random.choice(names)
        if random.random() < 0.3:
            place.pop(name, None)
        else:
            place[name] = random.choice([None, 0, "x", {}, [], *hints.values])
    return changed


def _merged(value: Example, donor: Example, random: Random) -> Json:
    for name, each in donor.items():
        mine = value.get(name)
        if isinstance(mine, dict) and isinstance(each, dict):
            _merged(mine, each, random)
        elif random.random() < 0.5:
            value[name] = each
    return value


def _objects(value: Json) -> Iterator[Example]:
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from _objects(each)
    elif isinstance(value, list):
        for each in value:
            yield from _objects(each)
