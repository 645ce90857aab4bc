"""How things are made: what is known of them, where the generator runs, and who waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from streamworker_codegen.kept import Kept
from streamworker_codegen.models.generator import Job, generated

Texts: TypeAlias = Callable[[Sequence[Job]], Iterator[str]]
Told: TypeAlias = Callable[[int, int], None]


def in_turn(jobs: Sequence[Job]) -> Iterator[str]:
    """Without any other process: for a few jobs."""
    return map(generated, jobs)


def unheard(_done: int, _all: int) -> None:
    """Nobody waits."""


@dataclass(frozen=True)
class Making:
    """How a project is made. kept: what earlier runs made, which gets what this one makes. texts: where the generator of classes runs. told:
    called with how many are made, of how many."""

    kept: Kept = field(default_factory=Kept)
    texts: Texts = in_turn
    told: Told = unheard
