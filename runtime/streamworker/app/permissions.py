"""What each part of a pipeline may do on the server, and no more: for the administrator who makes its users."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

from streamworker.app.reach import reach_of
from streamworker.app.selection import selected
from streamworker.engine.consumers import (
    Durable,
    consumers_of_worker,
    durables_of_ingest,
    durables_of_worker,
    stream_of,
)
from streamworker.engine.groundwork import groundwork
from streamworker.errors import ConfigurationError
from streamworker.ingest.spec import IngestSpec, subjects_of
from streamworker.jetstream import rights
from streamworker.jetstream.plan import Wanted
from streamworker.jetstream.rights import Rights, together
from streamworker.names import (
    dead_letter_subject,
    deploys_bucket,
    durable,
    lease_bucket,
    ledger_bucket,
    member_key,
    partition_stream,
    redrive_subject,
)
from streamworker.pipeline import Pipeline
from streamworker.spec import AnySpec, BoundWorker

Command: TypeAlias = Literal["dlq", "dlq-read", "provision"]

COMMANDS: dict[Command, str] = {
    "dlq": "streamworker dlq",
    "dlq-read": "streamworker dlq list and show",
    "provision": "streamworker provision",
}
"""The parts that are no workers and no ingests, and what they are for."""


@dataclass(frozen=True)
class Permitted:
    """A user of the server: its name, what it is for, the prefix of its answers (NATS_INBOX_PREFIX), and what it may do."""

    user: str
    purpose: str
    inbox: str
    rights: Rights


def permitted(
    pipeline: Pipeline, project: Path, names: Sequence[str] = (), *, create: bool = False, one: bool = False
) -> Sequence[Permitted]:
    """The users of a pipeline: one for each worker and ingest, and for each command; of those named alone, where some are.

    create: workers and ingests may make and change what they need on the server, as they do when they start; else somebody else has to
    have run `provision`. one: a single user for all workers and ingests, whose process runs them all. Raises ConfigurationError for a
    name that is no part.
    """
    commands = [each for each in COMMANDS if each in names or not names]
    parts = _parts(pipeline, [name for name in names if name not in COMMANDS], nothing=bool(names and commands))
    users = [
        *(_of_worker(pipeline, worker, project, create=create) for worker in parts.workers),
        *(_of_ingest(pipeline, ingest, create=create) for ingest in parts.ingests),
    ]
    if one and users:
        users = [_as_one(pipeline, users)]
    return [*users, *(_of_command(pipeline, each) for each in commands)]


def _parts(pipeline: Pipeline, names: Sequence[str], *, nothing: bool) -> Pipeline:
    """nothing: where no part is named, none is meant."""
    if nothing and not names:
        return replace(pipeline, workers=(), ingests=())
    try:
        return selected(pipeline, names)
    except ConfigurationError as unknown:
        raise ConfigurationError(unknown.problem, hint=f"{unknown.hint}, {', '.join(COMMANDS)}") from None


def _as_one(pipeline: Pipeline, users: Sequence[Permitted]) -> Permitted:
    names = ", ".join(each.purpose for each in users)
    made = _user(pipeline.name, f"run: {names}", together(each.rights for each in users))
    apart = {f"{each.inbox}.>" for each in users}
    return replace(made, rights=Rights(made.rights.publish, made.rights.subscribe - apart))


def _of_worker(pipeline: Pipeline, worker: BoundWorker, project: Path, *, create: bool) -> Permitted:
    spec = worker.spec
    deploys, ledger = deploys_bucket(pipeline.name), ledger_bucket(pipeline.name)
    return _user(
        durable(pipeline.name, spec.name),
        spec.name,
        _running(pipeline, durables_of_worker(pipeline, spec), create=create)
        | _partitioned(pipeline, spec, create=create)
        | rights.entries(deploys, spec.name)
        | rights.entries(ledger, f"{spec.name}.>")
        | rights.entries_at_once(ledger)
        | rights.publishing(*(subject.filter for subject in spec.sink), dead_letter_subject(pipeline.name, spec.name))
        | together(rights.advised(each) for each in consumers_of_worker(pipeline, spec))
        | _of_code(worker, project),
    )


def _partitioned(pipeline: Pipeline, spec: AnySpec, *, create: bool) -> Rights:
    """A worker with partitions looks at its copy, reads there what a dead process left, and says to the others that it is there."""
    if spec.options.partitions is None:
        return Rights()
    consumer, bucket = durable(pipeline.name, spec.name), lease_bucket(pipeline.name)
    copy, stream = partition_stream(consumer), stream_of(pipeline, spec)
    there = rights.publishing(f"$KV.{bucket}.{member_key(consumer, '*')}") | rights.entries_at_once(bucket)
    may = rights.seeing(copy) | rights.seeing(stream) | rights.reading(copy) | there
    return may | rights.copying(stream, consumer, copy) if create else may


def _of_code(worker: BoundWorker, project: Path) -> Rights:
    reach = reach_of(worker, project)
    return together(
        [
            *(rights.bucket(name) for name in reach.buckets),
            *(rights.objects(name) for name in reach.objects),
            rights.publishing(*reach.subjects),
        ]
    )


def _of_ingest(pipeline: Pipeline, ingest: IngestSpec, *, create: bool) -> Permitted:
    return _user(
        durable(pipeline.name, ingest.name),
        ingest.name,
        _running(pipeline, durables_of_ingest(pipeline, ingest), create=create)
        | rights.entries(lease_bucket(pipeline.name), ingest.name, f"{ingest.name}.mark")
        | rights.publishing(*(subject.filter for subject in subjects_of(ingest)))
        | rights.publishing(dead_letter_subject(pipeline.name, ingest.name)),
    )


def _running(pipeline: Pipeline, durables: Iterable[Durable], *, create: bool) -> Rights:
    """What `run` does for any part: it looks whether all stands, and pulls from the part's own consumers."""
    total = rights.finding() | together(rights.seeing(each.name) for each in groundwork(pipeline))
    for each in durables:
        total |= rights.consuming(each.stream, each.options.durable, pinned=each.options.pinned)
        if create:
            total |= rights.making_consumer(each.stream, each.options.durable)
    return total | (_creating(groundwork(pipeline)) if create else Rights())


def _creating(wanted: Iterable[Wanted]) -> Rights:
    return together(rights.making(each.name) for each in wanted if not each.external)


def _of_command(pipeline: Pipeline, command: Command) -> Permitted:
    may = {"dlq": _redriving, "dlq-read": _listing, "provision": _provisioning}[command]
    return _user(f"{pipeline.name}_{command}", COMMANDS[command], may(pipeline))


def _listing(pipeline: Pipeline) -> Rights:
    """The server's own letters name an event that is read where it stands; of a large one, pieces are."""
    letters = pipeline.dead_letters.name
    sources = {stream_of(pipeline, worker.spec) for worker in pipeline.workers}
    return (
        rights.seeing(letters)
        | rights.scanning(letters, dead_letter_subject(pipeline.name, "*"))
        | together(rights.reading(stream) | rights.seeing(stream) for stream in (letters, *sources))
    )


def _redriving(pipeline: Pipeline) -> Rights:
    subjects = (redrive_subject(pipeline.name, name) for name in _names(pipeline))
    return _listing(pipeline) | rights.removing(pipeline.dead_letters.name) | rights.publishing(*subjects)


def _provisioning(pipeline: Pipeline) -> Rights:
    wanted = groundwork(pipeline)
    durables = [each for worker in pipeline.workers for each in durables_of_worker(pipeline, worker.spec)]
    durables += [each for ingest in pipeline.ingests for each in durables_of_ingest(pipeline, ingest)]
    partitioned = (_partitioned(pipeline, worker.spec, create=True) for worker in pipeline.workers)
    return (
        rights.finding()
        | together(rights.seeing(each.name) for each in wanted)
        | _creating(wanted)
        | together(partitioned)
        | together(rights.making_consumer(each.stream, each.options.durable) for each in durables)
    )


def _names(pipeline: Pipeline) -> Iterator[str]:
    yield from (worker.spec.name for worker in pipeline.workers)
    yield from (ingest.name for ingest in pipeline.ingests)


def _user(name: str, purpose: str, may: Rights) -> Permitted:
    inbox = f"_INBOX.{name}"
    return Permitted(name, purpose, inbox, may | rights.connecting(inbox))
