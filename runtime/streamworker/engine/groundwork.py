"""What must stand on the server before a pipeline's workers can: its own streams and buckets, and those that the runtime needs."""

from __future__ import annotations

from collections.abc import Sequence

from streamworker.jetstream.plan import Wanted, wanted_bucket, wanted_objects, wanted_stream
from streamworker.names import deploys_bucket, lease_bucket, ledger_bucket, redrive_stream, redrive_subject
from streamworker.pipeline import Pipeline
from streamworker.resources import Bucket, Stream

_DAY = 86_400.0
_ATTEMPTS_LAST = 7 * _DAY  # far longer than any worker's attempts take


def groundwork(pipeline: Pipeline) -> Sequence[Wanted]:
    """Everything that `provision` makes for a pipeline, its dead letters included."""
    name = pipeline.name
    buckets = [
        wanted_bucket(each.name, name, ttl=each.ttl, replicas=each.replicas)
        if isinstance(each, Bucket)
        else wanted_objects(each.name, name, ttl=each.ttl, replicas=each.replicas)
        for each in pipeline.buckets
    ]
    return [
        *(wanted_stream(stream, name) for stream in (*pipeline.streams, pipeline.dead_letters)),
        *buckets,
        *foundations(name, replicas=pipeline.dead_letters.replicas),
    ]


def foundations(pipeline: str, *, replicas: int) -> Sequence[Wanted]:
    """What the runtime itself needs: redrives, the ledger of attempts, the deploys, the leases of ingests."""
    return [
        wanted_stream(redrives(pipeline, replicas), pipeline),
        wanted_bucket(ledger_bucket(pipeline), pipeline, ttl=_ATTEMPTS_LAST, replicas=replicas),
        wanted_bucket(deploys_bucket(pipeline), pipeline, replicas=replicas),
        wanted_bucket(lease_bucket(pipeline), pipeline, replicas=replicas),
    ]


def redrives(pipeline: str, replicas: int) -> Stream:
    """The work queue that brings letters back. Ids are forgotten once a letter is taken, so it may come twice: its worker's outputs
    carry the same ids again."""
    return Stream(
        name=redrive_stream(pipeline),
        subjects=(redrive_subject(pipeline, "*"),),
        retention="workqueue",
        delivery="at-least-once",
        replicas=replicas,
    )
