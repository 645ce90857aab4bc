"""A whole pipeline, as `generated/pipeline.py` builds it and `run` takes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from streamworker.ingest.spec import IngestSpec
from streamworker.resources.declarations import Bucket, Http, ObjectStore, Stream
from streamworker.spec import BoundWorker
from streamworker.subject import AnySubject


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """All that a project declares. `dead_letters` is the stream that keeps them; `outage` (seconds) is how long all of it may be
    down with outputs still deduplicated. `version` is the hash of the contract that it was generated from."""

    name: str
    streams: Sequence[Stream]
    dead_letters: Stream
    subjects: Sequence[AnySubject]
    workers: Sequence[BoundWorker]
    ingests: Sequence[IngestSpec] = ()
    buckets: Sequence[Bucket[Any] | ObjectStore] = ()  # of any value: they are made, not read, from here
    http: Sequence[Http] = ()
    outage: float = 300.0
    version: str = ""
