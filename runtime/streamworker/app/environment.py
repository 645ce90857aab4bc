"""A pipeline with the environment's variables filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from streamworker.environment import Expansion
from streamworker.ingest.spec import IngestSpec, SseSpec
from streamworker.pipeline import Pipeline
from streamworker.resources import Http


def filled_in(pipeline: Pipeline, variables: Mapping[str, str]) -> Pipeline:
    """The pipeline with every variable replaced. Raises ConfigurationError that names all missing ones, and where each is used."""
    expansion = Expansion(variables)
    filled = replace(
        pipeline,
        http=tuple(_http(service, expansion) for service in pipeline.http),
        ingests=tuple(_ingest(ingest, expansion) for ingest in pipeline.ingests),
    )
    expansion.check()
    return filled


def _http(service: Http, expansion: Expansion) -> Http:
    return replace(service, url=expansion.text(f"http.{service.name}.url", service.url))


def _ingest(ingest: IngestSpec, expansion: Expansion) -> IngestSpec:
    if not isinstance(ingest, SseSpec):
        return ingest
    where = f"ingest.{ingest.name}"
    headers = {name: expansion.text(f"{where}.headers.{name}", text) for name, text in ingest.headers.items()}
    return replace(
        ingest,
        url=expansion.text(f"{where}.sse", ingest.url),
        headers=headers,
        add=expansion.fields(f"{where}.add", ingest.add),
    )
