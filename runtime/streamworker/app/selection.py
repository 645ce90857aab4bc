"""Which parts of a pipeline are to run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches

from streamworker.errors import ConfigurationError
from streamworker.pipeline import Pipeline


def selected(pipeline: Pipeline, names: Sequence[str]) -> Pipeline:
    """The pipeline with only the workers and ingests named; with all of them where none is.

    Raises ConfigurationError for names that it has not, all at once, with the names that may be meant.
    """
    if not names:
        return pipeline
    known = [worker.spec.name for worker in pipeline.workers] + [ingest.name for ingest in pipeline.ingests]
    if unknown := [name for name in names if name not in known]:
        raise ConfigurationError(
            "\n".join(_unknown(name, pipeline.name, known) for name in unknown), hint=f"there are: {', '.join(known)}"
        )
    return replace(
        pipeline,
        workers=[worker for worker in pipeline.workers if worker.spec.name in names],
        ingests=[ingest for ingest in pipeline.ingests if ingest.name in names],
    )


def _unknown(name: str, pipeline: str, known: Sequence[str]) -> str:
    close = get_close_matches(name.lower().replace("_", "-"), known, n=1)
    meant = f"; did you mean {close[0]}?" if close else ""
    return f"{pipeline} has no worker or ingest {name}{meant}"
