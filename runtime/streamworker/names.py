"""What the runtime calls its own things on the server. A leaf: the one place where such a name is made.

Pipelines share a server, so every name begins with the pipeline's.
"""

from __future__ import annotations


def durable(pipeline: str, worker: str) -> str:
    """The consumer of a worker. Two pipelines may read one stream, so the pipeline is part of it."""
    return f"{pipeline}-{worker}"


def dead_letter_subject(pipeline: str, part: str) -> str:
    """The subject on which the dead letters of a worker, or an ingest, are kept."""
    return f"dead-letters.{pipeline}.{part}"


def dead_letter_stream(pipeline: str) -> str:
    """The stream of dead letters, where no pipeline file names it."""
    return f"{_upper(pipeline)}_DEAD_LETTERS"


def redrive_subject(pipeline: str, worker: str) -> str:
    """The subject on which one worker gets its letters back."""
    return f"redrive.{pipeline}.{worker}"


def redrive_stream(pipeline: str) -> str:
    """The work queue through which letters come back to their workers."""
    return f"{_upper(pipeline)}_REDRIVES"


def ledger_bucket(pipeline: str) -> str:
    """The bucket of attempts. Its entries expire: an event that comes back later than that starts anew."""
    return f"{pipeline}_attempts"


def deploys_bucket(pipeline: str) -> str:
    """The bucket that holds the hash of each worker's source schemas."""
    return f"{pipeline}_deploys"


def partition_stream(consumer: str) -> str:
    """The copy of a source stream, partitioned for the worker that has this consumer."""
    return f"{_upper(consumer)}_PARTITIONS"


def partition_consumer(consumer: str, partition: int) -> str:
    """The consumer of one partition."""
    return f"{consumer}-{partition}"


def worker_consumers(consumer: str, partitions: int | None) -> tuple[str, ...]:
    """The consumers through which a worker gets its events; `consumer` is its own, where it has no partitions."""
    return (
        (consumer,) if partitions is None else tuple(partition_consumer(consumer, each) for each in range(partitions))
    )


def member_key(consumer: str, member: str) -> str:
    """Under which a process says that it works on partitions."""
    return f"{consumer}.{member}"


def lease_bucket(pipeline: str) -> str:
    """The bucket of leases: what one process at a time may do, and which processes share partitions."""
    return f"{pipeline}_leases"


def _upper(pipeline: str) -> str:
    return pipeline.upper().replace("-", "_")
