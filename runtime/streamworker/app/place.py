"""Which project, and which server it is on."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Place:
    """project: the folder that holds generated/ and handlers/. embedded: on a server of our own, which keeps its data in `store`
    (default: .streamworker/nats in the project); else on the one that the environment names."""

    project: Path = field(default_factory=Path)
    embedded: bool = False
    store: Path | None = None
