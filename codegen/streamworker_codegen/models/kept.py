"""What the generator made of each definition before, so that a change costs what it changes. Not of the project: losing it costs time alone."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Piece:
    """The text of one definition, and the names that it uses."""

    text: str
    uses: frozenset[str]


@dataclass
class Kept:
    """before: by the keys of requests (`requests.py`). now: what this run asked for, which is all that stays."""

    before: Mapping[str, Piece] = field(default_factory=dict)
    now: dict[str, Piece] = field(default_factory=dict)


def read_kept(path: Path) -> Kept:
    """Nothing, where there is nothing that can be read."""
    try:
        body = json.loads(path.read_bytes())
        return Kept({str(key): Piece(str(text), frozenset(map(str, uses))) for key, (text, uses) in body.items()})
    except (OSError, ValueError, TypeError, AttributeError):
        return Kept()


def write_kept(path: Path, kept: Kept) -> None:
    """Whole or not at all; and not where it can't be, since nothing but speed hangs on it."""
    if kept.now.keys() == kept.before.keys():
        return
    body = {key: [each.text, sorted(each.uses)] for key, each in sorted(kept.now.items())}
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / ".gitignore").write_text("*\n", "utf-8")
        beside.write_text(json.dumps(body), "utf-8")
        beside.replace(path)
