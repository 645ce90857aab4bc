"""What all parts of a run share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from streamworker.jetstream.connection import Connection
from streamworker.jetstream.publisher import Publisher
from streamworker.pipeline import Pipeline


@dataclass(frozen=True)
class Surroundings:
    """project: its folder. publisher: an open one, for what handlers publish by hand. variables: the environment's."""

    project: Path
    pipeline: Pipeline
    connection: Connection
    publisher: Publisher
    variables: Mapping[str, str]
