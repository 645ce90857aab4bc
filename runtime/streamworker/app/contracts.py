"""What a worker reads, as a hash: two replicas with the same are of one mind about every event."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

from streamworker.subject import AnySubject, Subject


def contract_of(source: Sequence[AnySubject]) -> str:
    """The hash of a worker's source subjects and the schemas of their events."""
    read = sorted(f"{subject.name} {_schema(subject)}" for subject in source)
    return blake2b("\n".join(read).encode(), digest_size=12).hexdigest()


def _schema(subject: AnySubject) -> str:
    return subject.contract.hash if isinstance(subject, Subject) and subject.contract else ""
