"""What each use of the server asks of its permissions: the subjects that it publishes and subscribes to. Pure.

Beside each right stands who sends it: `api`, `pull`, `settling`, `buckets`, `objects`, `scan`. A test runs a whole pipeline with no more
than these.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from streamworker.jetstream.buckets import bucket_stream
from streamworker.jetstream.objects import objects_stream

_API = "$JS.API"
_ADVISORIES = ("MAX_DELIVERIES", "MSG_TERMINATED")


@dataclass(frozen=True)
class Rights:
    """Subjects, which may have wildcards."""

    publish: frozenset[str] = frozenset()
    subscribe: frozenset[str] = frozenset()

    def __or__(self, other: Rights) -> Rights:
        return Rights(self.publish | other.publish, self.subscribe | other.subscribe)


def together(rights: Iterable[Rights]) -> Rights:
    """All of them."""
    total = Rights()
    for each in rights:
        total |= each
    return total


def connecting(inbox: str) -> Rights:
    """Answers come to a prefix that nobody else may read. Whether there is a JetStream is asked first (`fitness`)."""
    return Rights(frozenset({f"{_API}.INFO"}), frozenset({f"{inbox}.>"}))


def publishing(*subjects: str) -> Rights:
    return Rights(frozenset(subjects))


def finding() -> Rights:
    """Which streams store a subject: names alone are answered."""
    return _asking("STREAM.NAMES")


def seeing(stream: str) -> Rights:
    """Its configuration, how much it holds, and of which subjects."""
    return _asking(f"STREAM.INFO.{stream}")


def making(stream: str) -> Rights:
    """Make it, and change its configuration."""
    return _asking(f"STREAM.CREATE.{stream}", f"STREAM.UPDATE.{stream}")


def consuming(stream: str, consumer: str, *, pinned: bool) -> Rights:
    """Pull from one consumer that is there, and settle what it hands out. Acks have two more tokens where the server writes domain
    and account into them (ADR-15)."""
    asked = [f"CONSUMER.INFO.{stream}.{consumer}", f"CONSUMER.MSG.NEXT.{stream}.{consumer}"]
    if pinned:
        asked.append(f"CONSUMER.UNPIN.{stream}.{consumer}")
    return _asking(*asked) | publishing(f"$JS.ACK.{stream}.{consumer}.>", f"$JS.ACK.*.*.{stream}.{consumer}.>")


def making_consumer(stream: str, consumer: str) -> Rights:
    """Make it and change it, its filter too: whoever may do that can read all of the stream. Where a filter grows, `consumer` asks
    whether older messages would be skipped."""
    return _asking(f"CONSUMER.INFO.{stream}.{consumer}", f"CONSUMER.CREATE.{stream}.{consumer}") | reading(stream)


def copying(stream: str, consumer: str, copy: str) -> Rights:
    """Make a partitioned copy of a stream, in place of a consumer, and change it."""
    return making(copy) | making_consumer(stream, consumer) | _asking(f"CONSUMER.PAUSE.{stream}.{consumer}")


def reading(stream: str) -> Rights:
    """Any one message, by its sequence."""
    return _asking(f"STREAM.MSG.GET.{stream}")


def scanning(stream: str, subject: str) -> Rights:
    """Read all that it holds of a subject, through a consumer that is made for it."""
    return _asking(
        f"CONSUMER.CREATE.{stream}.*.{subject}",
        f"CONSUMER.MSG.NEXT.{stream}.*",
        f"CONSUMER.DELETE.{stream}.*",
    )


def removing(stream: str) -> Rights:
    """Any one message, by its sequence."""
    return _asking(f"STREAM.MSG.DELETE.{stream}")


def entries(bucket: str, *keys: str) -> Rights:
    """Read and write entries whose keys match."""
    subjects = [f"$KV.{bucket}.{key}" for key in keys]
    reads = [f"DIRECT.GET.{bucket_stream(bucket)}.{subject}" for subject in subjects]
    return publishing(*subjects) | _asking(*reads)


def entries_at_once(bucket: str) -> Rights:
    """Read any number of entries in one request (ADR-31, "Batched requests"), which says nothing of their keys in its subject."""
    return _asking(f"DIRECT.GET.{bucket_stream(bucket)}")


def bucket(name: str) -> Rights:
    """All of a bucket, its keys included."""
    return entries(name, ">") | scanning(bucket_stream(name), f"$KV.{name}.>")


def objects(name: str) -> Rights:
    """All of an object store."""
    stream, written = objects_stream(name), (f"$O.{name}.C.>", f"$O.{name}.M.>")
    read = _asking(f"DIRECT.GET.{stream}.$O.{name}.M.>", f"STREAM.PURGE.{stream}")
    return publishing(*written) | read | together(scanning(stream, subject) for subject in written)


def advised(consumer: str) -> Rights:
    """Be told where the server gives up on messages of a consumer."""
    return Rights(subscribe=frozenset(advisories(consumer)))


def advisories(consumer: str) -> tuple[str, ...]:
    """Where the server says so, whatever the stream."""
    return tuple(f"$JS.EVENT.ADVISORY.CONSUMER.{kind}.*.{consumer}" for kind in _ADVISORIES)


def _asking(*requests: str) -> Rights:
    return Rights(frozenset(f"{_API}.{request}" for request in requests))
