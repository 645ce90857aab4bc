"""The durable consumers of a pipeline's parts, as the parts themselves ask for them when they start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from streamworker.errors import ConfigurationError
from streamworker.ingest.spec import IngestSpec
from streamworker.jetstream.plan import covers
from streamworker.names import durable, redrive_stream, redrive_subject
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
    """Its own, and that of its redrives."""
    name = durable(pipeline.name, spec.name)
    return (
        Durable(
            stream_of(pipeline, spec),
            [subject.filter for subject in spec.source],
            ConsumerOptions.of_worker(spec.options, name),
        ),
        _redrives(pipeline, spec.name, ConsumerOptions.of_worker(spec.options, f"{name}-redrive")),
    )


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


def _redrives(pipeline: Pipeline, part: str, options: ConsumerOptions) -> Durable:
    return Durable(redrive_stream(pipeline.name), [redrive_subject(pipeline.name, part)], options)
