"""What a pipeline file names beside subjects and workers: streams, buckets, HTTP services; and `Resources`, which opens them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Literal, TypeAlias, TypeVar

V = TypeVar("V")

Delivery: TypeAlias = Literal["effectively-once", "at-least-once", "latest"]


@dataclass(frozen=True, kw_only=True)
class Stream:
    """A stream of the pipeline, as it is provisioned. Durations are seconds, sizes bytes; None is the server's "unlimited".

    owner: `external` is checked and never changed. delivery: the promise its sinks are held to.
    """

    name: str
    subjects: tuple[str, ...]
    max_age: float | None = None
    max_bytes: int | None = None
    max_msgs: int | None = None
    max_msgs_per_subject: int | None = None
    max_msg_size: int | None = None
    retention: Literal["limits", "interest", "workqueue"] = "limits"
    storage: Literal["file", "memory"] = "file"
    discard: Literal["old", "new"] = "old"
    replicas: int = 1
    duplicate_window: float = 120.0
    delivery: Delivery = "effectively-once"
    owner: Literal["pipeline", "external"] = "pipeline"


@dataclass(frozen=True)
class Bucket(Generic[V]):
    """A typed key-value bucket. `key` is a template of tokens; `value` its model, bound to its schema by `contract`."""

    # TO BE FILLED IN by the resources part: name, key, value, ttl, history, replicas, decode/encode of values


@dataclass(frozen=True, kw_only=True)
class ObjectStore:
    """An object store."""

    name: str
    ttl: float | None = None
    replicas: int = 1


@dataclass(frozen=True, kw_only=True)
class Http:
    """An HTTP service; `url` may hold variables of the environment. timeout: seconds."""

    name: str
    url: str
    timeout: float = 10.0


class Resources:
    """Opens what the generated constants name, for a worker's lifespan. TO BE FILLED IN."""
