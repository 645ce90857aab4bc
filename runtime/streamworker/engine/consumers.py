"""The durable consumers of a pipeline's parts, as the parts themselves ask for them when they start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from streamworker.errors import ConfigurationError
from streamworker.ingest.spec import IngestSpec
from streamworker.jetstream.api import Api
from streamworker.jetstream.copies import filter_of, split_of
from streamworker.jetstream.copying import Copying
from streamworker.jetstream.plan import covers
from streamworker.names import durable, partition_stream, redrive_stream, redrive_subject, worker_consumers
from streamworker.pipeline import Pipeline
from streamworker.sources.base import ConsumerOptions
from streamworker.spec import AnySpec


@dataclass(frozen=True)
class Durable:
    """A consumer, by its stream and options, and what it filters on."""

    stream: str
    filters: Sequence[str]
    options: ConsumerOptions


def durables_of_worker(pipeline: Pipeline, spec: AnySpec) -> Sequence[Durable]:
    """Its own, or those of its partitions; and that of its redrives."""
    options = _options(pipeline, spec)
    redrives = _redrives(pipeline, spec.name, options.for_redrives())
    if options.partitions is None:
        return Durable(stream_of(pipeline, spec), [subject.filter for subject in spec.source], options), redrives
    copy = partition_stream(options.durable)
    partitions = range(options.partitions.count)
    return *(Durable(copy, [filter_of(each)], options.for_partition(each)) for each in partitions), redrives


def consumers_of_worker(pipeline: Pipeline, spec: AnySpec) -> Sequence[str]:
    """The names of those that hand out its events."""
    return worker_consumers(durable(pipeline.name, spec.name), spec.options.partitions)


def copying_of_worker(api: Api, pipeline: Pipeline, spec: AnySpec) -> Copying | None:
    """The partitioned copy of its source; None where it has no partitions."""
    options = _options(pipeline, spec)
    if options.partitions is None:
        return None
    split = split_of(spec.source, options.partitions.key, options.partitions.count)
    return Copying(api, stream_of(pipeline, spec), split, options)


def durables_of_ingest(pipeline: Pipeline, ingest: IngestSpec) -> Sequence[Durable]:
    """That of its redrives."""
    options = ConsumerOptions(durable=f"{durable(pipeline.name, ingest.name)}-redrive")
    return (_redrives(pipeline, ingest.name, options),)


def stream_of(pipeline: Pipeline, spec: AnySpec) -> str:
    """The stream that all of a worker's sources lie in. Raises ConfigurationError where the pipeline declares none."""
    wanted = [subject.filter for subject in spec.source]
    for stream in (*pipeline.streams, pipeline.dead_letters):
        if all(any(covers(pattern, subject) for pattern in stream.subjects) for subject in wanted):
            return stream.name
    raise ConfigurationError(
        f"no stream of {pipeline.name} stores all sources of {spec.name}: {', '.join(wanted)}",
        hint="declare one with these subjects",
    )


def _options(pipeline: Pipeline, spec: AnySpec) -> ConsumerOptions:
    return ConsumerOptions.of_worker(spec.options, durable(pipeline.name, spec.name), pipeline.name)


def _redrives(pipeline: Pipeline, part: str, options: ConsumerOptions) -> Durable:
    return Durable(redrive_stream(pipeline.name), [redrive_subject(pipeline.name, part)], options)
