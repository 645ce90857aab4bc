"""What a pipeline file names beside subjects and workers: streams, buckets, object stores, HTTP services."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import Generic, Literal, TypeAlias, TypeVar

from pydantic import BaseModel

from streamworker.contract.codec import Codec, ModelCodec, SchemaCodec
from streamworker.contract.contracts import Contract
from streamworker.resources.keys import KeyTemplate

V = TypeVar("V", bound=BaseModel)

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
    """A typed key-value bucket. `key` is a template of tokens; `value` its model, held to its schema by `contract`.

    ttl: seconds until an entry goes; None keeps it.
    """

    name: str
    key: str
    value: type[V]
    contract: Contract | None = None
    _: KW_ONLY
    ttl: float | None = None
    replicas: int = 1

    @cached_property
    def template(self) -> KeyTemplate:
        return KeyTemplate(self.name, self.key)

    @cached_property
    def _codec(self) -> Codec[V]:
        return SchemaCodec(self.value, self.contract) if self.contract is not None else ModelCodec(self.value)

    def encode(self, value: V) -> bytes:
        """The bytes of a value. Raises ContractViolation where its schema does not accept it."""
        return self._codec.encode(value)

    def decode(self, data: bytes) -> V:
        """The value of stored bytes. Raises ContractViolation where its schema does not accept it."""
        return self._codec.decode(data)


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
